import type { Dhcp } from '../dhcp.ts';
import { dhcpOption } from '../dhcp.ts';
import { Capped } from './capped.ts';
import { milliseconds } from './seen.ts';

/** How a DHCP client's exchange ended. */
export type DhcpOutcome =
  | 'bound'
  | 'refused'
  | 'request unanswered'
  | 'offer not taken'
  | 'discover unanswered'
  | 'declined'
  | 'released'
  | 'informed'
  | 'inform unanswered'
  | 'bootp answered'
  | 'bootp unanswered'
  | 'client unseen';

/** The messages of one client with one transaction id. */
export interface DhcpConversation {
  readonly client: string;
  readonly xid: string;
  /** Type names in order, repeated ones counted: 'DISCOVER x3, OFFER'. */
  readonly messages: string;
  readonly firstFrame: number;
  readonly outcome: DhcpOutcome;
  /** From the first message to the last one that counts. */
  readonly durationMs: number;
  /** The address the exchange is about. */
  readonly address?: string;
  /** Server identifiers of those who answered. */
  readonly servers: readonly string[];
  readonly leaseSeconds?: number;
  /** What a server told the client to boot. */
  readonly boot?: { readonly server?: string; readonly file: string };
  /** A server's reason for a NAK, or a client's for a DECLINE. */
  readonly reason?: string;
}

interface Message {
  readonly dhcp: Dhcp;
  readonly frame: number;
  readonly time: bigint;
}

const mostMessages = 64;

/** Collects DHCP messages by client and transaction (RFC 2131, section 3). */
export class DhcpConversations {
  private readonly conversations = new Capped<string, Message[]>();

  add(dhcp: Dhcp, frame: number, time: bigint): void {
    const messages = this.conversations.take(`${dhcp.chaddr} ${dhcp.xid}`, () => []);
    if (messages && messages.length < mostMessages) messages.push({ dhcp, frame, time });
  }

  results(): DhcpConversation[] {
    return this.conversations.values().flatMap((messages) => conversation(messages) ?? []);
  }

  get turnedAway(): number {
    return this.conversations.turnedAway;
  }
}

function conversation(messages: readonly Message[]): DhcpConversation | undefined {
  const [first] = messages;
  if (!first) return undefined;
  const last = (...types: readonly Dhcp['type'][]) =>
    messages.findLast(({ dhcp }) => types.includes(dhcp.type));
  const outcome = outcomeOf(messages);
  const decisive = last('ACK') ?? last('NAK') ?? messages.at(-1) ?? first;
  const answer = last('ACK') ?? last('OFFER') ?? messages.findLast(({ dhcp }) => dhcp.op === 2);
  const address = answer && answer.dhcp.yiaddr !== '0.0.0.0' ? answer.dhcp.yiaddr : askedFor(messages);
  const lease = answer && dhcpOption(answer.dhcp, 51)?.value;
  const boot = answer && bootOf(answer.dhcp);
  const denial = outcome === 'refused' ? last('NAK') : outcome === 'declined' ? last('DECLINE') : undefined;
  const reason = denial && dhcpOption(denial.dhcp, 56)?.value;
  return {
    client: first.dhcp.chaddr,
    xid: first.dhcp.xid,
    messages: counted(messages.map(({ dhcp }) => (dhcp.type === null ? bootpName(dhcp) : String(dhcp.type)))),
    firstFrame: first.frame,
    outcome,
    durationMs: milliseconds(decisive.time - first.time),
    ...(address === undefined ? {} : { address }),
    servers: serversOf(messages),
    ...(typeof lease === 'number' && outcome === 'bound' ? { leaseSeconds: lease } : {}),
    ...(boot ? { boot } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

function outcomeOf(messages: readonly Message[]): DhcpOutcome {
  const has = (type: Dhcp['type']) => messages.some(({ dhcp }) => dhcp.type === type);
  const fromClient = messages.some(({ dhcp }) => dhcp.op === 1);
  if (has('DECLINE')) return 'declined';
  if (has('RELEASE')) return 'released';
  if (has('INFORM')) return has('ACK') ? 'informed' : 'inform unanswered';
  if (!fromClient) return 'client unseen';
  if (has('ACK')) return 'bound';
  if (has('NAK')) return 'refused';
  if (has('REQUEST')) return 'request unanswered';
  if (has('DISCOVER')) return has('OFFER') ? 'offer not taken' : 'discover unanswered';
  return messages.some(({ dhcp }) => dhcp.op === 2) ? 'bootp answered' : 'bootp unanswered';
}

/** The address that a client asked for or speaks of. */
function askedFor(messages: readonly Message[]): string | undefined {
  for (const { dhcp } of messages) {
    const requested = dhcpOption(dhcp, 50)?.value;
    if (typeof requested === 'string') return requested;
    if (dhcp.ciaddr !== '0.0.0.0') return dhcp.ciaddr;
  }
  return undefined;
}

function bootpName(dhcp: Dhcp): string {
  return dhcp.op === 1 ? 'BOOTREQUEST' : 'BOOTREPLY';
}

function serversOf(messages: readonly Message[]): string[] {
  const servers = messages.flatMap(({ dhcp }) => {
    if (dhcp.op !== 2) return [];
    const id = dhcpOption(dhcp, 54)?.value;
    return typeof id === 'string' ? [id] : [];
  });
  return [...new Set(servers)];
}

function bootOf(dhcp: Dhcp): DhcpConversation['boot'] {
  const named = dhcpOption(dhcp, 67)?.value;
  const file = typeof named === 'string' && named !== '' ? named : dhcp.file;
  if (!file) return undefined;
  const other = dhcpOption(dhcp, 66)?.value;
  const server = dhcp.siaddr !== '0.0.0.0' ? dhcp.siaddr : other;
  return typeof server === 'string' ? { server, file } : { file };
}

/** 'A x3, B' for A A A B. */
function counted(names: readonly string[]): string {
  const runs: { name: string; times: number }[] = [];
  for (const name of names) {
    const run = runs.at(-1);
    if (run?.name === name) run.times++;
    else runs.push({ name, times: 1 });
  }
  return runs.map(({ name, times }) => (times > 1 ? `${name} x${times}` : name)).join(', ');
}
