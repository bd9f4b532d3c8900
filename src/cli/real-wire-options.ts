import { isIPv4 } from 'node:net';
import type { Command } from 'commander';
import { LabError } from '../errors.ts';
import type { Wiring } from '../lab/wiring.ts';

export interface RealWireOptions {
  readonly uplink?: string;
  readonly bmcVia?: string;
  readonly iKnow?: boolean;
}

/** Adds the options that lead out of the lab. */
export function withRealWireOptions(command: Command): Command {
  return command
    .option('--uplink <nic>', 'give the lab a NIC of this machine as its wire, until `lab down`; needs root')
    .option(
      '--bmc-via <nic|router>',
      'what leads to real BMCs: a NIC, or the address of a router on the wire',
    )
    .option('--i-know', "take a NIC that this machine's default route or your SSH session goes through");
}

/** @throws LabError `usage` for what cannot be the name of a NIC */
export function wiringOf({ uplink, bmcVia }: RealWireOptions): Wiring {
  return {
    uplink: uplink === undefined ? null : nicName(uplink),
    bmcVia:
      bmcVia === undefined
        ? null
        : isIPv4(bmcVia)
          ? { kind: 'gateway', gateway: bmcVia }
          : { kind: 'nic', nic: nicName(bmcVia) },
  };
}

/** The kernel's rule (dev_valid_name), less what ip(8) would read otherwise. */
function nicName(text: string): string {
  if (/^[^\s/:-][^\s/:]{0,14}$/.test(text) && text !== '.' && text !== '..') return text;
  throw new LabError('usage', `"${text}" cannot be the name of a NIC`, { remedy: 'ip link lists them' });
}
