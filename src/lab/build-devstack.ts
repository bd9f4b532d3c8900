import { writeFileSync } from 'node:fs';
import { endByPidFile } from '../linux/end-by-pid-file.ts';
import { makeFolder } from '../linux/files.ts';
import { type Host, runIn, seenFromOutside } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import type { DhcpAgentPlan } from '../neutron/dhcp-agent.ts';
import type { RouterPlan } from '../neutron/router.ts';
import type { ServiceAddress } from '../neutron/service-address.ts';
import { replaceFlows } from '../ovs/openflow.ts';
import { startDatabase, startSwitch } from '../ovs/vswitch.ts';
import type { Progress } from '../report/progress.ts';
import { setEndpoint } from './build-compute.ts';
import { tftpServerPidFile } from './daemons.ts';
import type { DevstackPlan } from './plan.ts';

/**
 * Builds devstack's network: Open vSwitch with its bridges and rules, dnsmasq, the router, the TFTP server.
 *
 * @param cables settles when the wires are there
 */
export async function buildDevstack(
  devstack: Host,
  plan: DevstackPlan,
  cables: Promise<void>,
  progress: Progress,
): Promise<void> {
  await progress.step(`Open vSwitch: ${plan.bridges.map(({ name }) => name).join(', ')}`, async () => {
    const [ovsdb] = await Promise.all([startDatabase(devstack), prepareNetwork(devstack, plan), cables]);
    try {
      await startSwitch(devstack, ovsdb, plan.bridges);
    } finally {
      ovsdb.close();
    }
  });
  const { flows } = plan.rules;
  await Promise.all([
    progress.step('OpenFlow rules', () =>
      Promise.all(Object.entries(flows).map(([bridge, rules]) => replaceFlows(devstack, bridge, rules))),
    ),
    ...plan.dhcpAgents.map((agent) =>
      progress.step(`dnsmasq for ${agent.network}`, () => startDhcpAgent(devstack, agent)),
    ),
    ...plan.routers.map((router) =>
      progress.step(`router ${router.name}`, () => startRouter(devstack, router)),
    ),
    ...(plan.tunnelEndpoint ? [setEndpoint(devstack, plan.tunnelEndpoint)] : []),
    ...(plan.services.length > 0 ? [startServices(devstack, plan.services)] : []),
  ]);
}

/** The devices and namespaces that can be made before Open vSwitch runs. */
function prepareNetwork(devstack: Host, plan: DevstackPlan): Promise<void> {
  const namespaces = [...plan.dhcpAgents, ...plan.routers];
  return ipBatch(devstack, [
    ...plan.veths.flatMap(({ a, b }) => [
      `link add ${a} type veth peer name ${b}`,
      `link set ${a} up`,
      `link set ${b} up`,
    ]),
    ...namespaces.map(({ namespace }) => `netns add ${namespace}`),
  ]);
}

/** Moves ports of Open vSwitch into a namespace and gives them their addresses. */
async function plug(
  devstack: Host,
  namespace: string,
  ports: readonly { readonly device: string; readonly addresses: readonly string[] }[],
): Promise<void> {
  await ipBatch(
    devstack,
    ports.map(({ device }) => `link set ${device} netns ${namespace}`),
  );
  await ipBatch(
    devstack,
    [
      'link set lo up',
      ...ports.flatMap(({ device, addresses }) => [
        // Without a wait for duplicates of IPv6 addresses, which nobody else can have here.
        ...addresses.map(
          (address) => `address add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`,
        ),
        `link set ${device} up`,
      ]),
    ],
    { namespace },
  );
}

async function startDhcpAgent(devstack: Host, agent: DhcpAgentPlan): Promise<void> {
  writeDhcpFiles(devstack, agent, agent.files);
  await serveDhcp(devstack, agent);
}

/** Takes a port that was made anew in the place of the old one, and starts again what listened on that. */
export async function replugDhcpAgent(devstack: Host, agent: DhcpAgentPlan): Promise<void> {
  const { namespace, tap, pidFile, routerAdvertiser } = agent;
  await Promise.all([pidFile, routerAdvertiser.pidFile].map((file) => endByPidFile(devstack, file)));
  await unplug(devstack, namespace, [tap.name]);
  await serveDhcp(devstack, agent);
}

/** Takes ports that were made anew in the place of the old ones. */
export async function replugRouter(devstack: Host, router: RouterPlan): Promise<void> {
  await unplug(
    devstack,
    router.namespace,
    router.ports.map(({ port }) => port.name),
  );
  await plugRouter(devstack, router);
}

function unplug(devstack: Host, namespace: string, devices: readonly string[]): Promise<void> {
  return ipBatch(
    devstack,
    devices.map((device) => `link delete ${device}`),
    { namespace },
  );
}

async function serveDhcp(devstack: Host, agent: DhcpAgentPlan): Promise<void> {
  const { namespace } = agent;
  await plug(devstack, namespace, [
    { device: agent.tap.name, addresses: [agent.address, agent.ipv6Address] },
  ]);
  // dnsmasq goes to the background when its sockets are open.
  await Promise.all([
    runIn(devstack, agent.argv, { namespace }),
    runIn(devstack, agent.routerAdvertiser.argv, { namespace }),
  ]);
}

/** Writes the files that dnsmasq reads when it starts and on SIGHUP. */
export function writeDhcpFiles(
  devstack: Host,
  agent: Pick<DhcpAgentPlan, 'folder'>,
  files: Readonly<Record<string, string>>,
): void {
  const folder = seenFromOutside(devstack, agent.folder);
  makeFolder(folder, 0o755);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text, { mode: 0o644 });
}

async function startRouter(devstack: Host, router: RouterPlan): Promise<void> {
  const { namespace } = router;
  await plugRouter(devstack, router);
  await Promise.all([
    runIn(devstack, ['nft', '-f', '-'], { namespace, input: router.ruleset }),
    runIn(devstack, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'], { namespace }),
  ]);
}

function plugRouter(devstack: Host, { namespace, ports }: RouterPlan): Promise<void> {
  return plug(
    devstack,
    namespace,
    ports.map(({ port, address }) => ({ device: port.name, addresses: [address] })),
  );
}

/** Where the TFTP server has its files. */
export const tftpRoot = '/run/tftpboot';

/** Gives devstack its own addresses on the networks, and starts the TFTP server on them. */
async function startServices(devstack: Host, services: readonly ServiceAddress[]): Promise<void> {
  makeFolder(seenFromOutside(devstack, tftpRoot), 0o755);
  // Linux answers ARP for any address it has on whatever device the question comes in: a VM would be told the MAC of its
  // own tap, and reach devstack past every bridge.
  await runIn(devstack, ['sysctl', '-q', '-w', 'net.ipv4.conf.all.arp_ignore=1']);
  await ipBatch(devstack, [
    ...services.flatMap(({ device, ip, prefixLength }) => [
      `link set ${device} addrgenmode none`,
      `link set ${device} up`,
      `address add ${ip}/${prefixLength} dev ${device}`,
    ]),
    ...services.flatMap(({ routes }) => routes.map(({ cidr, via }) => `route add ${cidr} via ${via}`)),
  ]);
  await startTftpServer(devstack, services);
}

/** Starts devstack's TFTP server on its addresses; it answers when its sockets are open. */
export async function startTftpServer(
  devstack: Host,
  services: readonly Pick<ServiceAddress, 'device'>[],
): Promise<void> {
  await runIn(devstack, [
    'dnsmasq',
    '--port=0',
    '--enable-tftp',
    // Kernels and ramdisks are links to the images, which lie in folders of their owner's own.
    '--user=root',
    '--group=root',
    `--tftp-root=${tftpRoot}`,
    '--bind-interfaces',
    ...services.map(({ device }) => `--interface=${device}`),
    '--except-interface=lo',
    '--conf-file=',
    `--pid-file=${tftpServerPidFile}`,
    '--log-facility=/var/log/tftp-server.log',
  ]);
}
