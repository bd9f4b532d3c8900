import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tftpRoot } from '../lab/build-devstack.ts';
import { type Host, seenFromOutside } from '../linux/host.ts';
import type { ServiceAddress } from '../neutron/service-address.ts';
import { waitFor } from '../wait.ts';

/** devstack's TFTP server, at one of its addresses. */
export class TftpServer {
  readonly ip: string;
  /** Inside the bridge that has the address: `devstack/br-ex`. */
  readonly point: string;
  private readonly host: Host;
  private readonly log: string;
  /** How much of its log is older than this run, which may use a lab that was kept. */
  private readonly logBefore: number;

  constructor(host: Host, { ip, device }: ServiceAddress) {
    this.host = host;
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
