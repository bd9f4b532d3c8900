import { existsSync, readFileSync } from 'node:fs';
import { defaultSuiteIds } from '../bmc/cipher-suites.ts';
import { deviceId } from '../bmc/commands/device.ts';
import { sdrRecords } from '../bmc/sdr.ts';
import { sensors } from '../bmc/sensors.ts';
import type { TranscriptEntry } from '../bmc/transcript.ts';
import { flawOf } from '../bmc/well-formed.ts';
import type { Cause } from '../evidence/cause.ts';
import type { Claimable } from '../evidence/claim.ts';
import { ipmitoolArguments } from '../ironic/ipmitool.ts';
import { bmcPasswordFile, bmcTranscript } from '../lab/build-bmcs.ts';
import { ipmiAnswerThing } from '../lab/deviations/things.ts';
import type { Lab } from '../lab/record.ts';
import { runIn, seenFromOutside } from '../linux/host.ts';
import type { VmServer } from '../topology/schema.ts';

/** Two tries: in a lab nothing is lost, but a machine that is busy may take its time to power on a server. */
const settings = { retryTimeoutMs: 10_000, minCommandIntervalMs: 5_000 };
const anyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** What the BMCs of a lab are made with, whatever they answer. */
export const bmcFacts = {
  deviceId,
  cipherSuites: defaultSuiteIds,
  sensorRecords: sdrRecords.length,
  sensors: sensors.map(({ name }) => name),
} as const;

/** The BMC of a server in the rack, asked by ipmitool in devstack as Ironic's driver asks it. */
export class Bmc {
  /** The server's name. */
  readonly name: string;
  private readonly lab: Lab;
  private readonly server: VmServer;

  constructor(lab: Lab, server: VmServer) {
    this.lab = lab;
    this.server = server;
    this.name = server.name;
  }

  /** Has ipmitool give a command: `power`, `status`. */
  async ask(...words: readonly string[]): Promise<BmcReply> {
    const { ip, username } = this.server.bmc;
    const argv = ipmitoolArguments(
      {
        ipmi_address: ip,
        ipmi_port: 623,
        ipmi_username: username,
        ipmi_password_file: bmcPasswordFile(this.name),
      },
      settings,
    );
    const before = this.transcript().length;
    const { exitCode, stdout, stderr } = await runIn(this.lab.devstack, [...argv, ...words], {
      accept: anyExitCode,
      timeoutMs: 60_000,
    });
    const asked = this.transcript().slice(before);
    return new BmcReply(this.name, { words: words.join(' '), exitCode, stdout, stderr, asked });
  }

  /** libvirt's word for the state of the server: `running`, `shut off`. */
  async state(): Promise<string> {
    return (await this.virsh('domstate', this.name)).trim();
  }

  /** The device that the server boots from by libvirt's definition of it: `network`, `hd`, … */
  async bootDevice(): Promise<string> {
    return /<boot dev='(.+?)'/.exec(await this.virsh('dumpxml', '--inactive', this.name))?.[1] ?? 'none';
  }

  private async virsh(...words: readonly string[]): Promise<string> {
    return (await runIn(this.lab.rack, ['virsh', '--connect', 'qemu:///system', ...words])).stdout;
  }

  /** What this BMC was asked so far. */
  private transcript(): TranscriptEntry[] {
    const file = seenFromOutside(this.lab.rack, bmcTranscript);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as TranscriptEntry & { readonly server: string })
      .filter(({ server }) => server === this.name);
  }
}

/** What a command of ipmitool came to. */
export class BmcReply {
  readonly stdout: string;
  private readonly server: string;
  private readonly words: string;
  private readonly exitCode: number;
  private readonly stderr: string;
  private readonly asked: readonly TranscriptEntry[];

  constructor(
    server: string,
    parts: {
      readonly words: string;
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
      readonly asked: readonly TranscriptEntry[];
    },
  ) {
    this.server = server;
    this.words = parts.words;
    this.exitCode = parts.exitCode;
    this.stdout = parts.stdout;
    this.stderr = parts.stderr;
    this.asked = parts.asked;
  }

  /**
   * That ipmitool ended well, that every answer was well-formed, and that what it says is so.
   *
   * @param about the IPMI command that says it, by its name in the specification
   * @param isSo whether it is so; `seen` tells in words what was said and what is
   */
  says(about: string, { isSo, seen }: { readonly isSo: boolean; readonly seen: string }): Claimable {
    const flaws = this.asked.flatMap((entry) => {
      const flaw = flawOf(entry);
      return flaw === undefined ? [] : [this.cause(entry.name ?? '', `answered ${entry.what} ${flaw}`)];
    });
    const last = this.asked.findLast(({ name }) => name === about);
    const causes = [
      ...flaws,
      ...(flaws.length === 0 && !isSo
        ? [
            this.cause(
              about,
              `answered ${last?.what ?? about}${last?.answer ? ` with ${last.answer}` : ''}: ${seen}`,
            ),
          ]
        : []),
      ...(this.asked.length === 0
        ? [this.cause('any command', 'was asked nothing: it was not reached')]
        : []),
    ];
    const failed =
      this.exitCode === 0 ? '' : `ipmitool ${this.words} exited with ${this.exitCode}: ${this.stderr.trim()}`;
    const holds = this.exitCode === 0 && flaws.length === 0 && isSo;
    const why = [failed, ...causes.map(({ text }) => text)].filter((part) => part !== '').join('; ');
    return { holds, why: holds ? seen : why, evidence: [], journeys: [], ...(holds ? {} : { causes }) };
  }

  private cause(command: string, deed: string): Cause {
    return { thing: ipmiAnswerThing(this.server, command), text: `BMC of ${this.server} ${deed}` };
  }
}
