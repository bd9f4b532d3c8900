import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { recordConsoleTimes } from '../libvirt/console-times.ts';
import { waitFor } from '../wait.ts';
import { answerFaults } from './answer-faults.ts';
import type { MachineIdentity } from './fru.ts';
import { LibvirtChassis } from './libvirt-chassis.ts';
import { serveBmc } from './server.ts';
import { stateFile } from './state-file.ts';

/*
 * The BMCs of a lab's rack as one program: `rack-bmcs SETTINGS-FILE`. It prints a line when all of them answer. It
 * notes as well when the consoles of their machines say something.
 */

/** What the program is started with. Paths are the rack's. */
export interface RackBmcs {
  readonly pidFile: string;
  readonly log: string;
  /** Each request: JSON lines. What is older than some MiB is in `<transcript>.1`. */
  readonly transcript: string;
  /**
   * The folder of faults: while `<server>.ignores-power-on` is there, that BMC only acknowledges power-on;
   * `<server>.json` holds a list of faults of its answers.
   */
  readonly faults: string;
  readonly bmcs: readonly {
    /** The server's name, and its domain's. */
    readonly server: string;
    readonly uuid: string;
    readonly address: string;
    readonly username: string;
    readonly password: string;
    readonly state: string;
    readonly machine: MachineIdentity;
  }[];
}

const { pidFile, log, transcript, faults, bmcs } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as RackBmcs;
/** In the host's memory: a lab that is up for months polls a lot. */
const longestTranscript = 4 * 1024 * 1024;
let transcriptLength = 0;

function note(line: string): void {
  transcriptLength += line.length;
  if (transcriptLength > longestTranscript) {
    renameSync(transcript, `${transcript}.1`);
    transcriptLength = line.length;
  }
  appendFileSync(transcript, line);
}

// A process of its own would be one more for each lab.
recordConsoleTimes();
const libvirt = { uri: 'qemu:///system' };

// It is started beside this program; from when its socket is there, it lets a client wait until it is ready.
const libvirtSocket = '/run/libvirt/libvirt-sock';
await waitFor("the rack's libvirtd", () => existsSync(libvirtSocket) || undefined, { timeoutMs: 20_000 });
await Promise.all(
  bmcs.map(({ server, uuid, address, username, password, state, machine }) =>
    serveBmc({
      name: server,
      uuid,
      address,
      port: 623,
      user: username,
      password,
      chassis: new LibvirtChassis(libvirt, server),
      store: stateFile(state),
      machine,
      // A state from before is that of a lab that is built again: the mains power has come back.
      powerRestored: existsSync(state),
      answered: (entry) => note(`${JSON.stringify({ at: new Date().toISOString(), server, ...entry })}\n`),
      faults: () => answerFaults(`${faults}/${server}.json`),
      ignoresPowerOn: () => existsSync(`${faults}/${server}.ignores-power-on`),
      log: (line) => void appendFile(log, `${new Date().toISOString()} ${line}\n`),
    }),
  ),
);
writeFileSync(pidFile, `${process.pid}\n`);
process.stdout.write('ready\n');
