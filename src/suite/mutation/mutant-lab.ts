import { readFileSync } from 'node:fs';
import { LabError } from '../../errors.ts';
import { labDeviations } from '../../lab/deviations/all.ts';
import { down } from '../../lab/down.ts';
import { labPlan } from '../../lab/plan.ts';
import type { Lab } from '../../lab/record.ts';
import { up } from '../../lab/up.ts';
import type { Accelerator, Domain } from '../../libvirt/domain-xml.ts';
import { type Host, runIn, seenFromOutside } from '../../linux/host.ts';
import type { DhcpAgentPlan } from '../../neutron/dhcp-agent.ts';
import type { Progress } from '../../report/progress.ts';
import type { RunTopology } from '../../scenarios/run.ts';
import { removeStandIn, removeStrangers } from '../../scenarios/stand-in-on-brbm.ts';
import { restartDhcpAgent } from './kinds/dhcp.ts';

export interface MutantLabOptions {
  readonly name: string;
  readonly accelerator: Accelerator;
  readonly progress: Progress;
}

/** A lab in which one mutant after the other is tried: between two of them it is as its plan says. */
export class MutantLab {
  private readonly on: RunTopology;
  private readonly options: MutantLabOptions;
  private built: Lab | undefined;

  constructor(on: RunTopology, options: MutantLabOptions) {
    this.on = on;
    this.options = options;
  }

  /** The lab, which is built when there is none. */
  async lab(): Promise<Lab> {
    if (this.built) return this.built;
    const { name, accelerator, progress } = this.options;
    const { lab } = await up({
      name,
      topology: this.on.topology,
      topologyFile: this.on.file,
      accelerator,
      replace: true,
      owned: true,
      progress,
    });
    this.built = lab;
    return lab;
  }

  /**
   * Removes what a scenario has left: stand-ins, addresses, DHCP options, what bridges have learned, and what dnsmasq
   * knows of declined addresses.
   *
   * @param passed a scenario that has passed has left no machine on
   */
  async tidy(passed: boolean): Promise<void> {
    const lab = await this.lab();
    const { devstack, rack } = lab;
    const plan = labPlan(lab.topology);
    await Promise.all([
      removeAllStandIns(devstack, plan.devstack.domains),
      forgetAddresses(
        rack,
        plan.rack.standIns.map(({ server }) => server.name),
      ),
      forgetDeclined(devstack, plan.devstack.dhcpAgents),
      ...(passed ? [] : [powerOffAll(devstack, plan.devstack.domains), powerOffAll(rack, plan.rack.domains)]),
    ]);
    await runIn(devstack, ['ovs-appctl', 'fdb/flush']);
  }

  /** Has every dnsmasq read what its plan says, where it does not. */
  async forgetDhcpOptions(): Promise<void> {
    const lab = await this.lab();
    for (const agent of labPlan(lab.topology).devstack.dhcpAgents) {
      const opts = readFileSync(seenFromOutside(lab.devstack, `${agent.folder}/opts`), 'utf8');
      if (opts !== agent.files.opts) await restartDhcpAgent(lab, agent, agent.files);
    }
  }

  /** Undoes a mutant; a lab that is not as planned afterwards is ended, and the next mutant gets a new one. */
  async restore(undo: (lab: Lab) => Promise<void>): Promise<void> {
    const lab = await this.lab();
    try {
      await undo(lab);
      await this.forgetDhcpOptions();
      const left = await labDeviations(lab);
      if (left.length > 0) {
        throw new LabError('lab-failed', `it is not as it was: ${left.map(({ text }) => text).join('; ')}`);
      }
    } catch (error) {
      this.options.progress.note(`lab ${lab.name} is built anew: ${String(error)}`);
      await this.end();
    }
  }

  async end(): Promise<void> {
    if (!this.built) return;
    this.built = undefined;
    await down(this.options.name, this.options.progress);
  }
}

async function removeAllStandIns(devstack: Host, domains: readonly Domain[]): Promise<void> {
  for (const domain of domains) await removeStandIn(devstack, domain);
  await removeStrangers(devstack);
}

async function forgetAddresses(rack: Host, namespaces: readonly string[]): Promise<void> {
  if (namespaces.length === 0) return;
  const script = namespaces.map((name) => `ip -n ${name} address flush scope global`).join('; ');
  await runIn(rack, ['sh', '-c', `${script}; true`]);
}

/** dnsmasq offers an address that was declined to nobody for ten minutes, or until it reads its hosts again. */
async function forgetDeclined(devstack: Host, agents: readonly DhcpAgentPlan[]): Promise<void> {
  for (const { pidFile } of agents) {
    // A mutant may have none running.
    await runIn(devstack, ['sh', '-c', `kill -HUP "$(cat ${pidFile})" 2>/dev/null || true`]);
  }
}

async function powerOffAll(host: Host, domains: readonly Domain[]): Promise<void> {
  if (domains.length === 0) return;
  const script = 'for domain in $(virsh list --name); do virsh destroy "$domain"; done';
  await runIn(host, ['sh', '-c', script]);
}
