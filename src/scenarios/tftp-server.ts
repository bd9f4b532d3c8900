import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { startTftpServer, tftpRoot } from '../lab/build-devstack.ts';
import { tftpServerPidFile } from '../lab/daemons.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import type { ServiceAddress } from '../neutron/service-address.ts';
import { waitFor } from '../wait.ts';

/** devstack's TFTP server, at one of its addresses. */
export class TftpServer {
  readonly ip: string;
  /** Inside the bridge that has the address: `devstack/br-ex`. */
  readonly point: string;
  private readonly host: Host;
  private readonly addresses: readonly ServiceAddress[];
  private readonly log: string;
  /** How much of its log is older than this run, which may use a lab that was kept. */
  private readonly logBefore: number;

  /** @param addresses all that it has */
  constructor(host: Host, { ip, device }: ServiceAddress, addresses: readonly ServiceAddress[]) {
    this.host = host;
    this.addresses = addresses;
    this.ip = ip;
    this.point = `${host.name}/${device}`;
    this.log = seenFromOutside(host, '/var/log/tftp-server.log');
    this.logBefore = statSync(this.log).size;
  }

  /** Offers a file. */
  put(name: string, content: string | Uint8Array): void {
    writeFileSync(seenFromOutside(this.host, join(tftpRoot, name)), content, { mode: 0o644 });
  }

  /** Whether there is such a file or folder. */
  has(name: string): boolean {
    return existsSync(seenFromOutside(this.host, join(tftpRoot, name)));
  }

  /** Waits until it is in the middle of sending a file that is at least so long. */
  async isSending(name: string, bytes: number, timeoutMs: number): Promise<void> {
    let at = 0;
    await waitFor(
      `the TFTP server to send ${bytes} bytes of ${name}`,
      () => {
        at = this.readSoFar(name) ?? at;
        return at >= bytes || undefined;
      },
      { timeoutMs, lastSeen: () => `${at} bytes` },
    );
  }

  /** Ends it, as a crash would. */
  async kill(): Promise<void> {
    await runIn(this.host, ['kill', '-9', this.pid()]);
    rmSync(seenFromOutside(this.host, tftpServerPidFile));
  }

  /** Starts it again. */
  async start(): Promise<void> {
    await startTftpServer(this.host, this.addresses);
  }

  private pid(): string {
    return readFileSync(seenFromOutside(this.host, tftpServerPidFile), 'utf8').trim();
  }

  /** The file behind a name: images are links, which lead to places of the host. */
  private fileOf(name: string): string {
    const file = seenFromOutside(this.host, join(tftpRoot, name));
    const link = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()
      ? readlinkSync(file)
      : undefined;
    return link === undefined ? file : seenFromOutside(this.host, resolve(tftpRoot, dirname(name), link));
  }

  /** How far it has read a file that it has open: proc(5), fdinfo. */
  private readSoFar(name: string): number | undefined {
    const file = statSync(this.fileOf(name), { throwIfNoEntry: false });
    const process = seenFromOutside(this.host, `/proc/${this.pid()}`);
    for (const fd of file ? readdirSync(`${process}/fd`) : []) {
      const open = statSync(`${process}/fd/${fd}`, { throwIfNoEntry: false });
      if (open?.ino !== file?.ino || open?.dev !== file?.dev) continue;
      const position = /^pos:\s*(\d+)/.exec(readFileSync(`${process}/fdinfo/${fd}`, 'utf8'))?.[1];
      return Number(position);
    }
    return undefined;
  }

  /** Waits until it has sent a file whole in this run, the last block acknowledged. */
  async sent(name: string, timeoutMs: number): Promise<void> {
    const lines = () => readFileSync(this.log).subarray(this.logBefore).toString().trimEnd().split('\n');
    await waitFor(
      `the TFTP server to send ${name}`,
      () => (lines().some((line) => line.includes(`sent ${join(tftpRoot, name)} to `)) ? true : undefined),
      { timeoutMs, lastSeen: () => lines().at(-1) || 'nothing' },
    );
  }
}
