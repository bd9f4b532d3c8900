import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { waitFor } from '../wait.ts';

/** What a DHCP client was given. */
export interface Lease {
  /** The address. */
  readonly ip: string;
  readonly server: string;
  /** Everything the client was told, by udhcpc's names (`router`, `siaddr`, `boot_file`, …). */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * Configures the interface as any client's script would, and tells what it was given; into a file for a client in the
 * background, which has no output any more.
 */
const clientScript = `#!/bin/sh
[ -z "$DHCP_RECORD" ] || exec >> "$DHCP_RECORD"
case "$1" in
  bound | renew)
    ip address replace "$ip/\${mask:-24}" dev "$interface"
    [ -z "$router" ] || ip route replace default via "\${router%% *}" dev "$interface"
    env | sed 's/^/given /'
    echo "end $1"
    ;;
esac
`;
const clientScriptPath = '/run/stand-in-dhcp';

/** Puts the script into a host in which clients will run. */
export function placeClientScript(host: Host): void {
  const script = seenFromOutside(host, clientScriptPath);
  if (existsSync(script)) return;
  writeFileSync(script, clientScript);
  chmodSync(script, 0o755);
}

/** busybox's DHCP client with options of its own. */
export function clientCommand(asking: readonly string[]): string[] {
  return ['busybox', 'udhcpc', ...asking, '-s', clientScriptPath];
}

export interface DhcpOptions {
  /** How often it asks, a second apart. Default 3. */
  readonly tries?: number;
  /** Whether it asks by ARP, before it takes an address, if somebody has it (RFC 2131, section 4.4.1). Default: no. */
  readonly probe?: boolean;
  /** Numbers of options that it asks for besides those that any client asks for. */
  readonly requests?: readonly number[];
  /** Options that it sends, by number, in hexadecimal. */
  readonly sends?: Readonly<Record<number, string>>;
}

const defaultTries = 3;

/** How long it waits for whoever has the address it was offered, in ms. */
const probeMs = 1000;

/** The client's options to ask for an address and end. */
export function askingOnce({
  tries = defaultTries,
  probe = false,
  requests = [],
  sends = {},
}: DhcpOptions): string[] {
  const probing = probe ? [`-a${probeMs}`, '-A', '1'] : [];
  const options = [
    ...requests.flatMap((code) => ['-O', String(code)]),
    ...Object.entries(sends).flatMap(([code, hex]) => ['-x', `0x${Number(code).toString(16)}:${hex}`]),
  ];
  return ['-f', '-n', '-q', '-t', String(tries), '-T', '1', ...probing, ...options];
}

/** How long that may take, in ms. */
export function askingMs({ tries = defaultTries }: DhcpOptions): number {
  return 10_000 + tries * 2_000;
}

/** The lease that the script has told last; undefined when it has told none. */
export function leaseOf(output: string): Lease | undefined {
  const told = output.split(/^end .*\n/m).findLast((part) => part.startsWith('given '));
  if (told === undefined) return undefined;
  const lines = told.split('\n').filter((line) => line.startsWith('given '));
  const given = Object.fromEntries(lines.map((line) => line.slice('given '.length).split(/=(.*)/s, 2)));
  return { ip: String(given.ip), server: String(given.serverid), given };
}

const renewalTimeoutMs = 5_000;

/** busybox's udhcpc, which runs and keeps its lease. */
export class DhcpClient {
  private readonly place: { readonly host: Host; readonly pidFile: string; readonly record: string };

  constructor(place: { readonly host: Host; readonly pidFile: string; readonly record: string }) {
    this.place = place;
  }

  /** What it was given last. */
  get lease(): Lease | undefined {
    return leaseOf(this.said);
  }

  private get said(): string {
    return readFileSync(seenFromOutside(this.place.host, this.place.record), 'utf8');
  }

  /** Has it renew its lease now, as at T1 (RFC 2131, section 4.4.5), and answers when it has. */
  async renew(): Promise<void> {
    const renewals = () => this.said.match(/^end renew$/gm)?.length ?? 0;
    const before = renewals();
    await this.signal('USR1');
    await waitFor('the DHCP client to renew its lease', () => (renewals() > before ? true : undefined), {
      timeoutMs: renewalTimeoutMs,
      lastSeen: () => this.said.trimEnd().split('\n').at(-1) ?? 'nothing',
    });
  }

  /** Ends it; it keeps quiet about that, and the address stays. */
  stop(): Promise<void> {
    return this.signal('TERM');
  }

  private async signal(name: string): Promise<void> {
    const { host, pidFile } = this.place;
    await runIn(host, ['sh', '-ec', `kill -${name} $(cat "$1")`, 'sh', pidFile]);
  }
}
