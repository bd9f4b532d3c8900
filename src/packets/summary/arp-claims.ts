import type { Arp } from '../arp.ts';
import { type Budget, Capped } from './capped.ts';

/** An IPv4 address that several hosts say is theirs. */
export interface ArpConflict {
  readonly ip: string;
  /** Each with the frame in which it first said so. */
  readonly claims: readonly ArpClaim[];
}

export interface ArpClaim {
  readonly mac: string;
  readonly frame: number;
}

const mostClaims = 16;

/** Who says by ARP which address is its own (RFC 826; RFC 5227 on conflicts). */
export class ArpClaims {
  private readonly addresses: Capped<string, { readonly ip: string; readonly claims: ArpClaim[] }>;

  constructor(budget: Budget) {
    this.addresses = new Capped(budget);
  }

  add({ senderIp: ip, senderMac: mac }: Arp, frame: number): void {
    // A probe asks whether an address is free and claims none.
    if (ip === '0.0.0.0') return;
    const claims = this.addresses.take(ip, () => ({ ip, claims: [] }))?.claims;
    if (!claims || claims.length >= mostClaims) return;
    if (!claims.some((claim) => claim.mac === mac)) claims.push({ mac, frame });
  }

  conflicts(): ArpConflict[] {
    return this.addresses.values().filter(({ claims }) => claims.length > 1);
  }
}
