import { rmSync, writeFileSync } from 'node:fs';
import { servicePorts } from '../ironic/service-ports.ts';
import { bmcFaults } from '../lab/build-bmcs.ts';
import type { Lab } from '../lab/record.ts';
import { runIn, seenFromOutside } from '../linux/host.ts';

/** Mends what was broken. */
export type Mend = () => Promise<void>;

/** A server as far as its BMC is concerned. */
interface WithBmc {
  readonly name: string;
  readonly bmc: { readonly ip: string };
}

const silentTable = 'silent_bmc';
const ipmiPort = 623;
/** Above every rule of Neutron's. */
const blockPriority = 60_000;

/** What can be made to go wrong in a lab. Each answers what mends it again. */
export class Faults {
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** The server's BMC hears nothing any more: what is sent to it is dropped in the rack, before its socket. */
  async silentBmc({ bmc }: WithBmc): Promise<Mend> {
    const { rack } = this.lab;
    const input = `table inet ${silentTable} {
      chain input { type filter hook input priority 0; ip daddr ${bmc.ip} udp dport ${ipmiPort} counter drop; }
    }`;
    await runIn(rack, ['nft', '-f', '-'], { input });
    return async () => void (await runIn(rack, ['nft', 'delete', 'table', 'inet', silentTable]));
  }

  /** The server's BMC acknowledges power-on and does nothing. */
  async lyingBmc({ name }: WithBmc): Promise<Mend> {
    const file = seenFromOutside(this.lab.rack, `${bmcFaults}/${name}.ignores-power-on`);
    writeFileSync(file, '');
    return async () => rmSync(file);
  }

  /** What a VM sends to the conductor's API is dropped by a rule of br-int. */
  async blockedApi({ ip }: { readonly ip: string }): Promise<Mend> {
    const match = `priority=${blockPriority},tcp,nw_src=${ip},tp_dst=${servicePorts.api}`;
    const ofctl = (command: string, ...words: readonly string[]) =>
      runIn(this.lab.devstack, ['ovs-ofctl', command, 'br-int', ...words]);
    await ofctl('add-flow', `${match},actions=drop`);
    return async () => void (await ofctl('del-flows', '--strict', match));
  }
}
