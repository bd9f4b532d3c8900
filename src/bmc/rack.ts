import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { waitFor } from '../wait.ts';
import type { MachineIdentity } from './fru.ts';
import { LibvirtChassis } from './libvirt-chassis.ts';
import { serveBmc } from './server.ts';
import { stateFile } from './state-file.ts';

/*
 * The BMCs of a lab's rack as one program: `rack-bmcs SETTINGS-FILE`. It prints a line when all of them answer.
 */

/** What the program is started with. Paths are the rack's. */
export interface RackBmcs {
  readonly pidFile: string;
  readonly log: string;
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

const { pidFile, log, bmcs } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as RackBmcs;
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
      log: (line) => void appendFile(log, `${new Date().toISOString()} ${line}\n`),
    }),
  ),
);
writeFileSync(pidFile, `${process.pid}\n`);
process.stdout.write('ready\n');
