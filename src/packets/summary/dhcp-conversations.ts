import { type Dhcp, dhcpOption } from '../dhcp.ts';
import { type Budget, Capped } from './capped.ts';
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

/** What a conversation needs of a message. */
interface Message {
  readonly frame: number;
  readonly time: bigint;
  readonly type: Dhcp['type'];
  readonly fromServer: boolean;
  readonly yiaddr: string;
  /** Option 50, or else ciaddr: the address a client asked for or speaks of. */
  readonly wanted: string | undefined;
  readonly server: string | undefined;
  readonly leaseSeconds: number | undefined;
  readonly boot: DhcpConversation['boot'];
  readonly reason: string | undefined;
}

const mostMessages = 64;

interface Conversation {
  readonly client: string;
  readonly xid: string;
  readonly messages: Message[];
}

/** Collects DHCP messages by client and transaction (RFC 2131, section 3). */
export class DhcpConversations {
  private readonly conversations: Capped<string, Conversation>;
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
    this.conversations = new Capped(budget);
  }

  add(dhcp: Dhcp, frame: number, time: bigint): void {
    const conversation = this.conversations.take(`${dhcp.chaddr} ${dhcp.xid}`, () => {
      return { client: dhcp.chaddr, xid: dhcp.xid, messages: [] };
    });
    const messages = conversation?.messages;
    if (!messages || messages.length >= mostMessages || !this.budget.take()) return;
    messages.push(messageOf(dhcp, frame, time));
  }

  results(): DhcpConversation[] {
    return this.conversations.values().flatMap((each) => summary(each) ?? []);
  }

  get turnedAway(): number {
    return this.conversations.turnedAway;
  }
}

function messageOf(dhcp: Dhcp, frame: number, time: bigint): Message {
  const value = (code: number) => dhcpOption(dhcp, code)?.value;
  const text = (code: number) => {
    const found = value(code);
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
  const lease = value(optionCodes.leaseTime);
  const file = text(optionCodes.bootfileName) ?? dhcp.file;
  const bootServer = dhcp.siaddr !== unset ? dhcp.siaddr : text(optionCodes.tftpServerName);
  return {
    frame,
    time,
    type: dhcp.type,
    fromServer: dhcp.op === 2,
    yiaddr: dhcp.yiaddr,
    wanted: text(optionCodes.requestedAddress) ?? (dhcp.ciaddr === unset ? undefined : dhcp.ciaddr),
    server: text(optionCodes.serverId),
    leaseSeconds: typeof lease === 'number' ? lease : undefined,
    boot:
      file === undefined ? undefined : { file, ...(bootServer === undefined ? {} : { server: bootServer }) },
    reason: text(optionCodes.message),
  };
}

const unset = '0.0.0.0';
const optionCodes = {
  requestedAddress: 50,
  leaseTime: 51,
  serverId: 54,
  message: 56,
  tftpServerName: 66,
  bootfileName: 67,
} as const;

function summary({ client, xid, messages }: Conversation): DhcpConversation | undefined {
  const [first] = messages;
  if (!first) return undefined;
  const last = (wanted: Dhcp['type']) => messages.findLast(({ type }) => type === wanted);
  const outcome = outcomeOf(messages);
  const decisive = last('ACK') ?? last('NAK') ?? messages.at(-1) ?? first;
  const answer = last('ACK') ?? last('OFFER') ?? messages.findLast(({ fromServer }) => fromServer);
  const given = answer && answer.yiaddr !== unset ? answer.yiaddr : undefined;
  const address = given ?? messages.find(({ wanted }) => wanted !== undefined)?.wanted;
  const servers = messages.flatMap(({ fromServer, server }) => (fromServer && server ? [server] : []));
  const denial = outcome === 'refused' ? last('NAK') : outcome === 'declined' ? last('DECLINE') : undefined;
  const lease = outcome === 'bound' ? answer?.leaseSeconds : undefined;
  return {
    client,
    xid,
    messages: counted(messages.map(nameOf)),
    firstFrame: first.frame,
    outcome,
    durationMs: milliseconds(decisive.time - first.time),
    ...(address === undefined ? {} : { address }),
    servers: [...new Set(servers)],
    ...(lease === undefined ? {} : { leaseSeconds: lease }),
    ...(answer?.boot ? { boot: answer.boot } : {}),
    ...(denial?.reason === undefined ? {} : { reason: denial.reason }),
  };
}

function outcomeOf(messages: readonly Message[]): DhcpOutcome {
  const has = (wanted: Dhcp['type']) => messages.some(({ type }) => type === wanted);
  if (has('DECLINE')) return 'declined';
  if (has('RELEASE')) return 'released';
  if (has('INFORM')) return has('ACK') ? 'informed' : 'inform unanswered';
  if (messages.every(({ fromServer }) => fromServer)) return 'client unseen';
  if (has('ACK')) return 'bound';
  if (has('NAK')) return 'refused';
  if (has('REQUEST')) return 'request unanswered';
  if (has('DISCOVER')) return has('OFFER') ? 'offer not taken' : 'discover unanswered';
  return messages.some(({ fromServer }) => fromServer) ? 'bootp answered' : 'bootp unanswered';
}

function nameOf({ type, fromServer }: Message): string {
  if (type !== null) return String(type);
  return fromServer ? 'BOOTREPLY' : 'BOOTREQUEST';
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
