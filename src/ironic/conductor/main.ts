import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { recordConsoleTimes } from '../../libvirt/console-times.ts';
import { LogTail } from '../../linux/log-tail.ts';
import { dhcpAgentPlan } from '../../neutron/dhcp-agent.ts';
import { serviceAddresses } from '../../neutron/service-address.ts';
import { cloudRoutes } from '../../openstack/answers/routes.ts';
import { rackServers } from '../../topology/nodes.ts';
import { BootEnvironment } from '../deploy/boot-environment.ts';
import { ImageFiles } from '../deploy/image-files.ts';
import { composeDrivers } from '../drivers/compose.ts';
import { enrollOnce } from '../enroll-lab.ts';
import type { Node } from '../node.ts';
import { placeBootloader, tftpRoot } from '../pxe/tree.ts';
import { servicePorts } from '../service-ports.ts';
import { apiServer } from './api.ts';
import { BootWatch } from './boot-watch.ts';
import { Conductor } from './conductor.ts';
import { Ports } from './dhcp.ts';
import { fileServer } from './files.ts';
import type { ConductorSettings } from './settings.ts';
import { SolRecorder } from './sol-recorder.ts';
import { NodeStore } from './store.ts';

/*
 * The conductor as a program in devstack: `conductor SETTINGS-FILE`. It prints a line when its API answers.
 */

const logFile = '/var/log/ironic-conductor.log';
const log = (line: string) => appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`);

const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ConductorSettings;
const { topology } = settings;
const ports = new Ports(topology);
const images = new ImageFiles(settings.imagesFolder);
const environment = new BootEnvironment(topology, ports, images);
const recorder = new SolRecorder(log);
const own = new Set([...topology.vms, ...rackServers(topology)].map(({ name }) => name));
/** The lab's own machines are recorded by virtlogd. */
const consoles = {
  start: async (node: Node) => {
    if (!own.has(node.name) && node.driver_info.ipmi_address) await recorder.start(node);
  },
  stop: (node: Node) => recorder.stop(node),
};
// Where there are VMs in devstack, it is done by a program of its own.
if (topology.vms.length === 0) recordConsoleTimes();
const conductor = new Conductor({
  store: new NodeStore(settings.nodesFolder),
  timers: settings.timers,
  networks: topology.networks.map(({ name }) => name),
  log,
  consoles,
  drivers: (keeper) => composeDrivers(keeper, environment, settings.ipmi),
});
const watch = new BootWatch(conductor);

function listen(
  server: Server,
  ...at: readonly [port: number, ip: string] | readonly [socket: string]
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (at.length === 1) server.listen(at[0], resolve);
    else server.listen(at[0], at[1], resolve);
  });
}

placeBootloader();
for (const { ip } of serviceAddresses(topology)) {
  await listen(apiServer(conductor, 'open', log), servicePorts.api, ip);
  const folders = { '/images/': settings.imagesFolder, '/': tftpRoot };
  const files = fileServer(folders, (file) => {
    log(`${file.client} ${file.path} ${file.status} ${file.ms.toFixed(0)} ms`);
    watch.served(file);
  });
  await listen(files, servicePorts.http, ip);
}
for (const network of topology.networks) {
  const { logFile: dhcpLog } = dhcpAgentPlan(topology, network);
  new LogTail(dhcpLog, (line) => watch.dhcpLogLine(line), 'end');
}
const tftpLog = '/var/log/tftp-server.log';
if (existsSync(tftpLog)) new LogTail(tftpLog, (line) => watch.tftpLogLine(line), 'end');
conductor.start();
// The power of what is enrolled now is unknown until it is asked for, or read with that of all.
enrollOnce(conductor, topology);
rmSync(settings.socket, { force: true });
const cloud = cloudRoutes({ conductor, topology, images, folder: '/run/lab' });
await listen(apiServer(conductor, 'own', log, cloud), settings.socket);
chmodSync(settings.socket, 0o600);
log('ready');
process.stdout.write('ready\n');
