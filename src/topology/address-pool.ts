import {
  hostsOf,
  type Ipv4Range,
  ipv4ToNumber,
  numberToIpv4,
  rangeContains,
  rangeToText,
  subnetOf,
} from './ipv4.ts';
import type { Path } from './positions.ts';

/** More addresses were wanted from some ranges than they have. */
export class AddressesExhausted extends Error {
  /** Where the file speaks of the ranges. */
  readonly path: Path;

  constructor(path: Path, ranges: readonly Ipv4Range[]) {
    super(
      `found no free address left in ${ranges.map(rangeToText).join(', ')}, expected one for each machine; widen it`,
    );
    this.path = path;
  }
}

/** Gives out the free addresses of some ranges, each once, in order. */
export class AddressPool {
  readonly #path: Path;
  readonly #ranges: readonly Ipv4Range[];
  readonly #free: Iterator<string, void>;

  /**
   * @param path where the file speaks of the ranges, for the error
   * @param taken the addresses not to give out
   */
  constructor(path: Path, ranges: readonly Ipv4Range[], taken: readonly string[]) {
    this.#path = path;
    this.#ranges = ranges;
    this.#free = freeAddresses(ranges, new Set(taken));
  }

  /** @throws AddressesExhausted */
  take(): string {
    const next = this.#free.next();
    if (next.done) throw new AddressesExhausted(this.#path, this.#ranges);
    return next.value;
  }
}

function* freeAddresses(ranges: readonly Ipv4Range[], taken: ReadonlySet<string>): Generator<string, void> {
  for (const { first, last } of ranges) {
    for (let address = first; address <= last; address++) {
      const text = numberToIpv4(address);
      if (!taken.has(text)) yield text;
    }
  }
}

/** The gateway of a subnet that names none: its first address, as in Neutron. */
export function defaultGateway(cidr: string): string {
  return numberToIpv4(hostsOf(subnetOf(cidr)).first);
}

/** The pools of a subnet that names none: every host address but the gateway, as in Neutron. */
export function defaultPools(cidr: string, gatewayIp: string): Ipv4Range[] {
  const hosts = hostsOf(subnetOf(cidr));
  const gateway = ipv4ToNumber(gatewayIp);
  if (!rangeContains(hosts, gateway)) return [hosts];
  return [
    { first: hosts.first, last: gateway - 1 },
    { first: gateway + 1, last: hosts.last },
  ].filter((pool) => pool.first <= pool.last);
}
