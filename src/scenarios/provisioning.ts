import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TranscriptEntry } from '../bmc/transcript.ts';
import { LabError } from '../errors.ts';
import type { ApiClient } from '../ironic/api-client.ts';
import { bootNode, consoleLogOf, hostOf, undeployNode } from '../ironic/boot.ts';
import { changeNode, setDriver } from '../ironic/change-node.ts';
import { firstPartitionBytes } from '../ironic/deploy/partitions.ts';
import { ensureImages } from '../ironic/images/build.ts';
import { configDrive } from '../ironic/images/config-drive.ts';
import { importImage } from '../ironic/images/import.ts';
import { ImageStore } from '../ironic/images/store.ts';
import { type DriverInfo, type Node, nodePath, type Phase } from '../ironic/node.ts';
import { openApi } from '../ironic/open.ts';
import type { ProvisionState } from '../ironic/states.ts';
import { bmcTranscript } from '../lab/build-bmcs.ts';
import { conductorDaemon, fileServerDaemon, runningPid } from '../lab/daemons.ts';
import { diskOf } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { clientsInHost } from '../lab/software.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { runIn, seenFromOutside } from '../linux/host.ts';
import { run } from '../linux/process.ts';
import type { Progress } from '../report/progress.ts';
import { waitFor } from '../wait.ts';
import type { ProvisioningResult } from './result.ts';

const osImage = 'lab-os';
/** Long enough for a machine that emulates several others. */
const deployTimeoutMs = 300_000;
const loginTimeoutMs = 180_000;
const sshTimeoutMs = 60_000;

/** An agent adds a partition for the config drive: the entries of the MBR's table. */
const partitionEntries = [446, 446, 510] as const;
const diskIntervalMs = 200;

/** Bytes that are to be on a disk, from an offset on. */
interface Expected {
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface ProvisionOptions {
  /** Default: the driver that the node has. */
  readonly driver?: string;
  /** A name from `lab image list`. Default: the lab's small operating system. */
  readonly image?: string;
  /** An MD5 that the image is to have in place of its own (Juno's instance_info/image_checksum). */
  readonly checksum?: string;
  /** Deploys a node anew that has an instance. */
  readonly rebuild?: boolean;
  /** How long the ramdisk may take to call, in ms. */
  readonly callbackTimeoutMs?: number;
  /** How long the agent may be silent, in ms. */
  readonly heartbeatTimeoutMs?: number;
  /** How long a BMC is asked, and how long a commanded power state may take, in ms. */
  readonly powerTimeoutMs?: number;
  /** What firmware is given to boot: `ipxe` (the default) by HTTP, `pxe` by TFTP alone. */
  readonly bootInterface?: 'pxe' | 'ipxe';
  /** Is told each phase as it is seen. */
  readonly onPhase?: (name: string) => void;
}

/** How a provisioning ended. */
export interface Provisioned {
  readonly name: string;
  readonly outcome: 'login prompt' | 'deploy failed';
  readonly lastError: string | null;
  /** The names of the phases that were seen, in order. */
  readonly phases: readonly string[];
  /** From the command to the login prompt, or to the failure. */
  readonly durationMs: number;
  /** The image was on its disk, byte for byte, when its new system began to boot. */
  readonly imageIsOnDisk: boolean;
}

/** Provisions the nodes of a scenario's lab, by its conductor. */
export class Provisioning {
  /** What was provisioned so far. */
  readonly provisionings: ProvisioningResult[] = [];
  private readonly lab: Lab;
  private readonly folder: string;
  private readonly progress: Progress;
  private readonly begun = new Date().toISOString();
  private opened: Promise<ApiClient> | undefined;

  /** @param folder for what it needs for a while */
  constructor(lab: Lab, folder: string, progress: Progress) {
    this.lab = lab;
    this.folder = folder;
    this.progress = progress;
  }

  /** Deploys a node and answers how that ended: with a login prompt, or with a last_error. */
  async provision(name: string, options: ProvisionOptions = {}): Promise<Provisioned> {
    const api = await this.api();
    if (options.driver !== undefined) await setDriver(api, name, options.driver);
    const { image = osImage, checksum, rebuild = false, bootInterface } = options;
    const { callbackTimeoutMs, heartbeatTimeoutMs, powerTimeoutMs } = options;
    const key = readFileSync(seenFromOutside(this.lab.devstack, '/run/ironic/ssh_key.pub'), 'utf8').trim();
    const expected = image === osImage ? await this.expectedOn((await this.node(name)).driver) : undefined;
    const booted = new AbortController();
    const startedAt = new Date().toISOString();
    const start = performance.now();
    let isWritten = Promise.resolve(false);
    let prompt: Phase | undefined;
    try {
      await this.progress.step(`${name} provisioned`, () =>
        bootNode(this.lab, api, name, {
          verb: rebuild ? 'rebuild' : 'active',
          image,
          ...(checksum === undefined ? {} : { checksum }),
          ...(bootInterface === undefined ? {} : { bootInterface }),
          configdrive: configDrive({
            uuid: crypto.randomUUID(),
            hostname: name.replaceAll('_', '-'),
            publicKeys: { lab: key },
          }),
          deployTimeoutMs,
          loginTimeoutMs,
          timers: {
            ...(callbackTimeoutMs === undefined ? {} : { callbackTimeoutMs }),
            ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
            ...(powerTimeoutMs === undefined ? {} : { powerTimeoutMs }),
          },
          onPhase: (phase) => {
            options.onPhase?.(phase.name);
            // It is seen on the console, of which the conductor knows nothing.
            if (phase.name === 'login prompt') prompt = phase;
            if (phase.name === 'first boot' && expected) {
              isWritten = this.watchDisk(name, expected, booted.signal);
            }
          },
        }),
      );
    } catch (error) {
      const node = await this.node(name);
      if (!(error instanceof LabError) || node.provision_state !== 'deploy failed') throw error;
    } finally {
      booted.abort();
    }
    const durationMs = Math.round(performance.now() - start);
    const { provision_state, last_error, driver, driver_internal_info } = await this.node(name);
    const { phases = [] } = driver_internal_info;
    const outcome = provision_state === 'active' ? 'login prompt' : 'deploy failed';
    this.provisionings.push({
      node: name,
      driver,
      outcome,
      lastError: last_error,
      startedAt,
      phases: [...phases, ...(prompt ? [prompt] : [])],
    });
    return {
      name,
      outcome,
      lastError: last_error,
      phases: phases.map((phase) => phase.name),
      durationMs,
      imageIsOnDisk: await isWritten,
    };
  }

  /** What the BMC of a server was asked in its sessions since this run began, in words and in order. */
  bmcRequests(server: string): string[] {
    const file = seenFromOutside(this.lab.rack, bmcTranscript);
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    return lines
      .map((line) => JSON.parse(line) as TranscriptEntry & { readonly at: string; readonly server: string })
      .filter((entry) => entry.server === server && entry.at >= this.begun)
      .map(({ what }) => what);
  }

  /** Tears a node down and answers the state that it then has; null is available. */
  async tearDown(name: string): Promise<ProvisionState> {
    return (await undeployNode(await this.api(), name)).provision_state;
  }

  /** Has the lab's image in the store, but for a disk of that size in GiB, while something is done with it. */
  async withImageOf<T>(gib: number, act: (image: string) => Promise<T>): Promise<T> {
    await this.api();
    const file = this.ownFile(`${gib}-gib.qcow2`);
    copyFileSync(join(new ImageStore().get(osImage).folder, 'disk.qcow2'), file);
    await run(['qemu-img', 'resize', '-q', file, `${gib}G`]);
    const store = new ImageStore();
    const image = await importImage(store, file);
    try {
      return await act(image.name);
    } finally {
      rmSync(file);
      store.remove(image);
    }
  }

  async node(name: string): Promise<Node> {
    return (await this.api()).get<Node>(nodePath(name));
  }

  /** Types a line in a shell of devstack, where nova, neutron, glance and ironic are, and answers what it prints. */
  async shell(line: string): Promise<string> {
    await this.api();
    const env = { PATH: `${process.env.PATH}:${clientsInHost}` };
    return (await runIn(this.lab.devstack, ['bash', '-c', line], { env })).stdout;
  }

  /** Boots the ramdisk with a login, or the instance again; answers when the command was carried out. */
  async rescue(name: string, target: 'rescue' | 'unrescue'): Promise<void> {
    await (await this.api()).put(nodePath(name, 'states/rescue'), { target });
  }

  /**
   * Kills the conductor, as nothing but a crash would, unless it does not run just now; whoever next asks it for a node
   * starts it again.
   */
  async killConductor(): Promise<void> {
    const script = 'pids=$(pgrep -f "[d]ist/conductor.js") && kill -9 $pids || :';
    await runIn(this.lab.devstack, ['sh', '-c', script]);
  }

  /** Kills the HTTP server of kernels, ramdisks and images; whoever starts the conductor again starts it too. */
  async killFileServer(): Promise<void> {
    const pid = runningPid(this.lab.devstack, fileServerDaemon);
    if (pid !== null) await runIn(this.lab.devstack, ['sh', '-c', `kill -9 ${pid} || :`]);
  }

  /** Whether the conductor runs just now. Asking does not start it. */
  conductorRuns(): boolean {
    return runningPid(this.lab.devstack, conductorDaemon) !== null;
  }

  /** Waits until a node is in a provision state. */
  async isIn(name: string, state: ProvisionState): Promise<void> {
    let seen: ProvisionState = null;
    await waitFor(
      `node ${name} to be ${state ?? 'available'}`,
      async () => {
        seen = (await this.node(name)).provision_state;
        return seen === state || undefined;
      },
      { timeoutMs: deployTimeoutMs, lastSeen: () => seen ?? 'available' },
    );
  }

  /** Changes how a node's BMC is reached. */
  async setDriverInfo(name: string, change: DriverInfo): Promise<void> {
    const node = await this.node(name);
    await changeNode(await this.api(), node, { driver_info: { ...node.driver_info, ...change } });
  }

  /** Writes a file that only the conductor reads, and answers its path in devstack. */
  secretFile(name: string, content: string): string {
    const path = `/run/ironic/${name}`;
    writeFileSync(seenFromOutside(this.lab.devstack, path), content, { mode: 0o600 });
    return path;
  }

  /** Logs in over the network as the user of the image, and answers what a command prints there. */
  async overSsh(ip: string, command: string): Promise<string> {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'BatchMode=yes',
      'ConnectTimeout=3',
    ];
    const ssh = ['ssh', '-q', '-i', '/run/ironic/ssh_key', ...options.flatMap((option) => ['-o', option])];
    let said = '';
    return waitFor(
      `a login at ${ip}`,
      async () => {
        const { exitCode, stdout, stderr } = await runIn(this.lab.devstack, [...ssh, `lab@${ip}`, command], {
          accept: [0, 255],
        });
        said = stderr.trim();
        return exitCode === 0 ? stdout.trim() : undefined;
      },
      { timeoutMs: sshTimeoutMs, lastSeen: () => said },
    );
  }

  /** Waits until some MiB of a node's disk, which was empty, have been written. */
  async isBeingWritten(name: string): Promise<void> {
    const disk = this.diskFile(name);
    await waitFor(
      `the disk of ${name} to be written to`,
      () => (statSync(disk).blocks > 8192 ? true : undefined),
      {
        timeoutMs: loginTimeoutMs,
      },
    );
  }

  /** Waits until a node's console has said something. */
  async consoleSays(name: string, words: string): Promise<void> {
    await waitFor(
      `the console of ${name} to say "${words}"`,
      () => (this.console(name).includes(words) ? true : undefined),
      { timeoutMs: loginTimeoutMs, lastSeen: () => this.console(name).slice(-200) },
    );
  }

  /** All that a node's console has said. */
  console(name: string): string {
    return readFileSync(consoleLogOf(this.lab, { name }), 'utf8');
  }

  /**
   * Compares a node's disk with the lab's image until it is on it, byte for byte, or the system has come up, which
   * writes to it. A ramdisk that exported its disk has the last of it in memory for a moment after it is done.
   */
  private async watchDisk(name: string, expected: Expected, signal: AbortSignal): Promise<boolean> {
    const disk = openSync(this.diskFile(name), 'r');
    const found = Buffer.alloc(expected.bytes.length);
    try {
      while (!signal.aborted) {
        readSync(disk, found, 0, found.length, expected.offset);
        if (expected.offset === 0) expected.bytes.copy(found, ...partitionEntries);
        if (found.equals(expected.bytes)) return true;
        await new Promise((resolve) => setTimeout(resolve, diskIntervalMs));
      }
      return false;
    } finally {
      closeSync(disk);
    }
  }

  /** What the lab's image makes of a disk: a whole disk for an agent, else a root partition at 1 MiB. */
  private async expectedOn(driver: string): Promise<Expected> {
    const { folder } = new ImageStore().get(osImage);
    if (driver.startsWith('pxe_'))
      return { offset: firstPartitionBytes, bytes: readFileSync(join(folder, 'root.ext4')) };
    const raw = this.ownFile(`${osImage}.raw`);
    try {
      await run(['qemu-img', 'convert', '-O', 'raw', join(folder, 'disk.qcow2'), raw]);
      return { offset: 0, bytes: readFileSync(raw) };
    } finally {
      rmSync(raw, { force: true });
    }
  }

  private diskFile(name: string): string {
    const host = hostOf(this.lab, { name });
    if (!host) throw new TypeError(`${name} is no machine of the lab`);
    return seenFromOutside(this.lab[host], diskOf(name));
  }

  private ownFile(name: string): string {
    makePrivateFolder(this.folder);
    return join(this.folder, `${crypto.randomUUID()}-${name}`);
  }

  private api(): Promise<ApiClient> {
    this.opened ??= this.open();
    return this.opened;
  }

  private async open(): Promise<ApiClient> {
    await ensureImages(this.progress);
    return openApi(this.lab);
  }
}
