import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { conductorDaemon, fileServerDaemon, runningHere } from '../../lab/daemons.ts';
import { recordConsoleTimes } from '../../libvirt/console-times.ts';
import { listen } from '../../linux/listen.ts';
import { LogTail } from '../../linux/log-tail.ts';
import { dhcpAgentPlan } from '../../neutron/dhcp-agent.ts';
import { serviceAddresses } from '../../neutron/service-address.ts';
import { cloudRoutes } from '../../openstack/answers/routes.ts';
import { rackServers } from '../../topology/nodes.ts';
import { BootEnvironment } from '../deploy/boot-environment.ts';
import { ImageFiles } from '../deploy/image-files.ts';
import { composeDrivers } from '../drivers/compose.ts';
import { enrollOnce } from '../enroll-lab.ts';
import { accessLog } from '../file-server/settings.ts';
import type { Node } from '../node.ts';
import { placeBootloaders } from '../pxe/bootloaders.ts';
import { servicePorts } from '../service-ports.ts';
import { apiServer } from './api.ts';
import { BootWatch } from './boot-watch.ts';
import { Conductor } from './conductor.ts';
import { Ports } from './dhcp.ts';
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
const recorder = new SolRecorder({ log });
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
  servingSince: () =>
    runningHere(fileServerDaemon) === null ? null : statSync(fileServerDaemon.pidFile).mtime.toISOString(),
  consoles,
  drivers: (keeper) => composeDrivers(keeper, environment, settings.ipmi),
});
const watch = new BootWatch(conductor);

/** Follows a log from its beginning: nodes boot while there is no conductor. */
function follow(file: string, onLine: (line: string, isPast: boolean) => void): void {
  let isPast = true;
  new LogTail(file, (line) => onLine(line, isPast), 'start');
  isPast = false;
}

placeBootloaders();
for (const { ip } of serviceAddresses(topology)) {
  await listen(apiServer(conductor, 'open', log), servicePorts.api, ip);
}
for (const network of topology.networks) {
  const { logFile: dhcpLog } = dhcpAgentPlan(topology, network);
  follow(dhcpLog, (line, isPast) => watch.dhcpLogLine(line, isPast));
}
const tftpLog = '/var/log/tftp-server.log';
if (existsSync(tftpLog)) follow(tftpLog, (line, isPast) => watch.tftpLogLine(line, isPast));
follow(accessLog, (line, isPast) => watch.accessLogLine(line, isPast));
conductor.start();
// The power of what is enrolled now is unknown until it is asked for, or read with that of all.
enrollOnce(conductor, topology);
rmSync(settings.socket, { force: true });
const cloud = cloudRoutes({ conductor, topology, images, folder: '/run/lab' });
await listen(apiServer(conductor, 'own', log, cloud), settings.socket);
chmodSync(settings.socket, 0o600);
// What recorded the consoles of those that are on has ended with the conductor before this one.
for (const node of conductor.store.all()) if (node.power_state === 'power on') void consoles.start(node);
writeFileSync(conductorDaemon.pidFile, `${process.pid}\n`);
log('ready');
process.stdout.write('ready\n');
