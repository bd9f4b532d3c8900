/*
 * A provisioning's bare parts, for bench-provisioning.ts, which says what they are: plain QEMU, dnsmasq and HTTP in a
 * host of their own.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { LabError } from '../src/errors.ts';
import { consoleArguments } from '../src/ironic/deploy/boot-environment.ts';
import { ImageFiles } from '../src/ironic/deploy/image-files.ts';
import { ext4Uuid, firstPartitionBytes, partitionTable } from '../src/ironic/deploy/partitions.ts';
import { type BootEntry, ipxeScript } from '../src/ironic/pxe/templates.ts';
import { servicePorts } from '../src/ironic/service-ports.ts';
import { labHome } from '../src/lab/home.ts';
import { chooseAccelerator } from '../src/libvirt/accelerator.ts';
import { slowWhenEmulated } from '../src/libvirt/domain-xml.ts';
import { createHost, enter, enterKeepingFiles, type Host, runIn } from '../src/linux/host.ts';
import { endHosts } from '../src/linux/host-processes.ts';
import { ipBatch } from '../src/linux/ip-batch.ts';
import { run } from '../src/linux/process.ts';
import { ProgressLog } from '../src/report/progress.ts';
import { waitFor } from '../src/wait.ts';

/** How long each part took, in seconds. */
export interface Parts {
  readonly ramdisk: number;
  readonly image: number;
  readonly prompt: number;
}

export interface Bare {
  /** Takes all machines through the parts at once, and answers each one's times. */
  run(): Promise<Parts[]>;
  end(): Promise<void>;
}

const server = '10.0.0.1';
const httpRoot = `http://${server}:${servicePorts.http}`;
const deadlineMs = 180_000;
const diskBytes = 2 ** 30;
const image = 'lab-os';

/** Stands for the conductor: answers the ramdisks' calls, and prints each one's path and who it came from. */
export async function serveStub(): Promise<void> {
  const stub = createServer((request, response) => {
    request.resume().on('end', () => {
      const ip = request.socket.remoteAddress ?? '';
      if (/\/(heartbeat|pass_deploy_info)$/.test(request.url ?? '')) process.stdout.write(`called ${ip}\n`);
      const isLookup = request.url?.endsWith('/lookup');
      response.writeHead(isLookup ? 200 : 202, { 'Content-Type': 'application/json' });
      response.end(isLookup ? JSON.stringify({ heartbeat_timeout: 300, node: { uuid: ip } }) : undefined);
    });
  });
  stub.listen(servicePorts.api, server, () => process.stdout.write('ready\n'));
}

/** @param way how the image gets to the disk, as the names of drivers have it */
export async function makeBare(folder: string, way: 'agent' | 'pxe', count: number): Promise<Bare> {
  const images = new ImageFiles(join(labHome(), 'images'));
  const accelerator = await chooseAccelerator(new ProgressLog());
  const files = filesOf(images, way);
  const www = join(folder, 'www');
  mkdirSync(www);
  for (const [name, source] of Object.entries(files)) copyFileSync(images.path(source), join(www, name));
  const host = await createHost({ name: 'bare', folder });
  const calls = new Map<string, () => void>();
  const machines = Array.from({ length: count }, (_, index) => new Machine(host, folder, accelerator, index));
  await ipBatch(host, [
    'link add br0 type bridge stp_state 0 forward_delay 0',
    `address add ${server}/24 dev br0`,
    'address add fe80::1/64 dev br0 nodad',
    'address add fd00::1/64 dev br0 nodad',
    'link set br0 up',
    ...machines.flatMap(({ tap }) => [
      `tuntap add ${tap} mode tap`,
      `link set ${tap} master br0`,
      `link set ${tap} up`,
    ]),
  ]);
  await runIn(host, dnsmasq(machines));
  startIn(enter(host), [
    'busybox',
    'httpd',
    '-f',
    '-p',
    `${server}:${servicePorts.http}`,
    '-h',
    '/run/lab/www',
  ]);
  // It is where the machine has its files.
  const stub = startIn(enterKeepingFiles(host), [process.execPath, process.argv[1] ?? '', '--stub']);
  await new Promise<void>((resolve, reject) => {
    createInterface(stub.stdout).on('line', (line) => {
      if (line === 'ready') resolve();
      calls.get(line.slice('called '.length).replace('::ffff:', ''))?.();
    });
    stub.on('exit', () => reject(new LabError('lab-failed', 'the stand-in for the conductor ended')));
  });
  const called = ({ ip }: Machine) => new Promise<void>((resolve) => calls.set(ip, resolve));
  const boot = (machine: Machine, entry: BootEntry) =>
    writeFileSync(join(www, `${machine.tap}.ipxe`), scriptFor(entry));
  const one = async (machine: Machine): Promise<Parts> => {
    machine.blankDisk();
    const call = called(machine);
    const isPxe = way === 'pxe';
    boot(machine, deployEntry(way, machine));
    if (!isPxe) {
      const ramdisk = await timed(async () => {
        machine.start('network');
        await call;
      });
      const written = machine.seen(/written:0/);
      const wrote = await timed(async () => {
        machine.type(`wget -q -O - ${httpRoot}/image | dd of=/dev/vda bs=1M conv=fsync; echo "wri""tten:$?"`);
        await written;
      });
      await machine.stop();
      await run(['qemu-img', 'convert', '-O', 'raw', join(www, 'image'), machine.disk]);
      const prompt = await timed(async () => {
        machine.start('disk');
        await machine.seen(/ login: $/);
      });
      await machine.stop();
      return { ramdisk, image: wrote, prompt };
    }
    const root = readFileSync(join(www, 'image'));
    writeFileSync(machine.disk, partitionTable(root.length), { flag: 'r+' });
    const ramdisk = await timed(async () => {
      machine.start('network');
      await call;
    });
    const wrote = await timed(() => runIn(host, convert(machine, root.length), { timeoutMs: deadlineMs }));
    const uuid = ext4Uuid(root.subarray(0, 2048));
    boot(machine, {
      kernel: 'kernel',
      ramdisk: 'ramdisk',
      arguments: `${consoleArguments} root=UUID=${uuid} ro`,
    });
    const prompt = await timed(async () => {
      const login = machine.seen(/ login: $/);
      await runIn(host, ['busybox', 'nc', machine.ip, String(servicePorts.ramdiskDone)], { input: 'done' });
      await login;
    });
    await machine.stop();
    return { ramdisk, image: wrote, prompt };
  };
  return {
    run: () => Promise.all(machines.map(one)),
    end: () => endHosts(folder),
  };
}

/** What the machines fetch, by the name they fetch it by. */
function filesOf(images: ImageFiles, way: 'agent' | 'pxe'): Record<string, string> {
  const { kernel: deploy_kernel, agent, iscsi } = images.deployRamdisk();
  if (way === 'agent') return { deploy_kernel, deploy_ramdisk: agent, image: images.wholeDisk(image).file };
  const root = images.overIscsi(image);
  if (root.kind !== 'partition') throw new LabError('lab-failed', `image ${image} has no root partition`);
  const { file, kernel, ramdisk } = root;
  return { deploy_kernel, deploy_ramdisk: iscsi, kernel, ramdisk, image: file };
}

function deployEntry(way: 'agent' | 'pxe', { ip, iqn }: Machine): BootEntry {
  const api = `http://${server}:${servicePorts.api}`;
  // The shell is what the image is written by.
  const own =
    way === 'agent'
      ? `ipa-api-url=${api} ipa-driver-name=bare troubleshoot=1`
      : `disk=vda iscsi_target_iqn=${iqn} deployment_id=${ip} deployment_key=bare ironic_api_url=${api}`;
  return { kernel: 'deploy_kernel', ramdisk: 'deploy_ramdisk', arguments: `${consoleArguments} ${own}` };
}

/** The lab's own script for iPXE, with all files in one folder. */
function scriptFor(entry: BootEntry): string {
  return ipxeScript({ uuid: '.', default: 'deploy', deploy: entry, boot: undefined }, httpRoot);
}

function dnsmasq(machines: readonly Machine[]): string[] {
  return [
    ...['dnsmasq', '--port=0', '--no-resolv', '--no-hosts', '--conf-file=', '--interface=br0'],
    ...['--bind-interfaces', '--leasefile-ro', '--no-ping', '--pid-file=/run/dnsmasq.pid'],
    ...['--log-facility=/var/log/dnsmasq.log', '--enable-tftp', '--tftp-root=/run/lab/www'],
    ...['--dhcp-range=10.0.0.0,static', '--enable-ra', '--dhcp-range=fd00::,ra-only'],
    ...['--dhcp-match=set:ipxe,175', '--dhcp-option=encap:175,176,1b'],
    ...machines.flatMap(({ mac, ip, tap }) => [
      `--dhcp-host=${mac},${ip},set:${tap}`,
      `--dhcp-option=tag:${tap},option:bootfile-name,${httpRoot}/${tap}.ipxe`,
    ]),
    `--dhcp-option=option:server-ip-address,${server}`,
  ];
}

function convert({ ip, iqn }: Machine, bytes: number): string[] {
  const target = [
    ...['driver=raw', `offset=${firstPartitionBytes}`, `size=${bytes}`],
    ...['file.driver=iscsi', 'file.transport=tcp', `file.portal=${ip}:3260`],
    ...[`file.target=${iqn}`, 'file.lun=1'],
  ];
  const words = ['qemu-img', 'convert', '-n', '-f', 'raw', '--target-image-opts'];
  return [...words, '/run/lab/www/image', target.join(',')];
}

type Started = ChildProcessByStdio<Writable, Readable, null>;

/** Starts a program that ends with the one that entered the host for it, by these words. */
function startIn(entering: readonly string[], argv: readonly string[]): Started {
  const [program = '', ...words] = [...entering, 'setpriv', '--pdeathsig', 'KILL', '--', ...argv];
  return spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** A machine as the lab's domains are, by plain QEMU. */
class Machine {
  readonly tap: string;
  readonly mac: string;
  readonly ip: string;
  readonly iqn: string;
  readonly disk: string;
  private readonly host: Host;
  private readonly accelerator: 'kvm' | 'tcg';
  private process: Started | undefined;
  private said = '';

  constructor(host: Host, folder: string, accelerator: 'kvm' | 'tcg', index: number) {
    this.host = host;
    this.accelerator = accelerator;
    this.tap = `tap${index}`;
    this.mac = `52:54:00:00:0b:${index.toString(16).padStart(2, '0')}`;
    this.ip = `10.0.0.${10 + index}`;
    this.iqn = `iqn.2008-10.org.openstack:${index}`;
    this.disk = join(folder, `${this.tap}.img`);
  }

  blankDisk(): void {
    rmSync(this.disk, { force: true });
    writeFileSync(this.disk, '');
    truncateSync(this.disk, diskBytes);
  }

  start(from: 'network' | 'disk'): void {
    const [net, disk] = from === 'network' ? [1, 2] : [2, 1];
    const cpu =
      this.accelerator === 'kvm' ? 'host' : ['max', ...slowWhenEmulated.map((it) => `${it}=off`)].join(',');
    const offload = ['csum', 'gso', 'host_tso4', 'host_tso6', 'host_ecn', 'host_ufo']
      .concat(['guest_csum', 'guest_tso4', 'guest_tso6', 'guest_ecn', 'guest_ufo'])
      .map((it) => `${it}=off`);
    this.said = '';
    if (from === 'disk' && statSync(this.disk).size < diskBytes) truncateSync(this.disk, diskBytes);
    this.process = startIn(enter(this.host), [
      ...['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-machine', `pc,usb=off,graphics=off,accel=${this.accelerator}`, '-cpu', cpu, '-m', '512'],
      ...['-blockdev', `driver=file,filename=/run/lab/${this.tap}.img,node-name=file,discard=unmap`],
      ...['-blockdev', 'driver=raw,file=file,node-name=disk,discard=unmap'],
      ...['-device', `virtio-blk-pci,drive=disk,bootindex=${disk}`],
      ...['-netdev', `tap,id=net,ifname=${this.tap},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=net,mac=${this.mac},bootindex=${net},${offload.join(',')}`],
      ...['-chardev', 'stdio,id=console,signal=off', '-device', 'isa-serial,chardev=console'],
    ]);
    this.process.stdout.setEncoding('latin1').on('data', (text: string) => {
      const before = this.said.length;
      this.said += text;
      // As the lab does it: see src/libvirt/banner-hook.ts.
      if (this.said.indexOf('Press Ctrl-B for the iPXE', Math.max(0, before - 30)) >= 0) this.type('');
    });
  }

  /** Types a line on the console. */
  type(line: string): void {
    this.process?.stdin.write(`${line}\r`);
  }

  /** Waits until the console ends with something that it has not said before. */
  async seen(pattern: RegExp): Promise<void> {
    const from = this.said.length;
    await waitFor(
      `${pattern} on the console of ${this.tap}`,
      () => pattern.test(this.said.slice(from)) || undefined,
      { timeoutMs: deadlineMs, lastSeen: () => JSON.stringify(this.said.slice(-300)) },
    );
  }

  /** Takes the power away. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await ended;
    // QEMU ends a moment after what it was started by, and holds its tap until then.
    await waitFor(
      `${this.tap} to be free`,
      async () => {
        const argv = ['ip', '-o', 'link', 'show', this.tap];
        return (await runIn(this.host, argv)).stdout.includes('NO-CARRIER') || undefined;
      },
      { timeoutMs: 10_000 },
    );
  }
}
