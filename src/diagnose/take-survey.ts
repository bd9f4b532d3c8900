import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { type Host, runIn } from '../linux/host.ts';
import { listBridges } from '../ovs/list-bridges.ts';
import { dumpFlows } from '../ovs/openflow.ts';
import type { Ovsdb } from '../ovs/ovsdb.ts';
import { openOvsdb } from '../ovs/vswitch.ts';
import type { Survey, SurveyedBridge, SurveyedDhcp, SurveyedNic } from './survey.ts';

/** Where Neutron's DHCP agent keeps its files: a package's state_path, DevStack's, and a lab's. */
const dhcpFolders = ['/var/lib/neutron/dhcp', '/opt/stack/data/neutron/dhcp', '/run/neutron/dhcp'];

/** Where the Open vSwitch agent is told its bridge_mappings. */
const agentConfigs = [
  '/etc/neutron/plugins/ml2/openvswitch_agent.ini',
  '/etc/neutron/plugins/ml2/ml2_conf.ini',
  '/etc/neutron/plugins/openvswitch/ovs_neutron_plugin.ini',
];

/**
 * Looks at a machine's Open vSwitch, its DHCP namespaces and its network devices. It only reads.
 *
 * @param mappings what the user says of bridge_mappings; read from the agent's configuration when empty
 * @throws LabError `machine-lacks` when no Open vSwitch runs here
 */
export async function takeSurvey(host: Host, mappings: Readonly<Record<string, string>>): Promise<Survey> {
  const bridges = await surveyBridges(host);
  const [nics, dhcp] = await Promise.all([surveyNics(host, bridges), surveyDhcp(host)]);
  return {
    bridges,
    nics,
    dhcp,
    mappings: Object.keys(mappings).length > 0 ? mappings : configuredMappings(),
  };
}

async function surveyBridges(host: Host): Promise<SurveyedBridge[]> {
  let ovsdb: Ovsdb;
  try {
    ovsdb = await openOvsdb(host);
  } catch (cause) {
    throw new LabError('machine-lacks', 'no Open vSwitch runs on this machine', {
      remedy: 'run it where Open vSwitch and Neutron’s agents run, as root; for a lab: lab explain',
      cause,
    });
  }
  try {
    return await Promise.all(
      (await listBridges(ovsdb)).map(async (bridge) => ({
        ...bridge,
        flows: await dumpFlows(host, bridge.name, 'OpenFlow13').catch(() =>
          dumpFlows(host, bridge.name, 'OpenFlow10'),
        ),
      })),
    );
  } finally {
    ovsdb.close();
  }
}

/** Devices that Open vSwitch, the kernel or a hypervisor has made are no wires. */
async function surveyNics(host: Host, bridges: readonly SurveyedBridge[]): Promise<SurveyedNic[]> {
  const { stdout } = await runIn(host, ['ip', '-json', '-details', 'link', 'show']);
  const links = JSON.parse(stdout) as {
    readonly ifname: string;
    readonly flags: readonly string[];
    readonly linkinfo?: { readonly info_kind?: string };
  }[];
  const ports = bridges.flatMap((bridge) => bridge.ports.map((port) => ({ ...port, bridge: bridge.name })));
  const made = new Set(['tun', 'bridge', 'openvswitch', 'dummy', 'gre', 'gretap', 'erspan', 'vxlan', 'ifb']);
  const own = /^(lo|ovs-|tap|qvo|qvb|qbr|qr-|qg-|vnet|virbr|int-|phy-|brbm-tap)/;
  const wires = links.filter(({ ifname, linkinfo }) => {
    const port = ports.find(({ name }) => name === ifname);
    return (
      !own.test(ifname) &&
      !made.has(linkinfo?.info_kind ?? '') &&
      (port === undefined || port.type === 'system')
    );
  });
  return Promise.all(
    wires.map(async ({ ifname, flags }) => ({
      name: ifname,
      bridge: ports.find(({ name }) => name === ifname)?.bridge ?? null,
      up: flags.includes('UP'),
      offloadsChecksums: await offloads(host, ifname),
    })),
  );
}

async function offloads(host: Host, device: string): Promise<boolean> {
  const { stdout } = await runIn(host, ['ethtool', '-k', device], { accept: [0, 1, 71, 75, 76, 80, 81, 95] });
  return /^tx-checksumming: on/m.test(stdout);
}

async function surveyDhcp(host: Host): Promise<SurveyedDhcp[]> {
  const folder = '/run/netns';
  const namespaces = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.startsWith('qdhcp-'))
    : [];
  const running = commandLines().filter(([program = '']) => /(^|\/)dnsmasq$/.test(program));
  return Promise.all(
    namespaces.sort().map(async (namespace) => {
      const networkId = namespace.slice('qdhcp-'.length);
      const { stdout } = await runIn(host, ['ip', '-json', 'link', 'show'], { namespace });
      const links = JSON.parse(stdout) as { readonly ifname: string }[];
      const process = running.find((argv) => argv.some((word) => word.includes(networkId)));
      const named = process?.find((word) => word.startsWith('--dhcp-hostsfile='))?.split('=')[1];
      const hostsFile =
        [named, ...dhcpFolders.map((it) => join(it, networkId, 'host'))].find((it) => it && existsSync(it)) ??
        null;
      return {
        networkId,
        namespace,
        tap: links.find(({ ifname }) => /^(tap|ns-)/.test(ifname))?.ifname ?? null,
        running: process !== undefined,
        hosts: hostsFile ? hostEntries(readFileSync(hostsFile, 'utf8')) : null,
        hostsFile,
      };
    }),
  );
}

/** The words of every process that can be seen. */
function commandLines(): string[][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** Lines of dnsmasq's --dhcp-hostsfile: `MAC,[set:tag,]NAME,ADDRESS,…`, as Neutron writes them. */
function hostEntries(text: string): { mac: string; ip: string }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().toLowerCase().split(',');
    const mac = fields.find((field) => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(field));
    const ip = fields.find((field) => /^\d+\.\d+\.\d+\.\d+$/.test(field));
    return mac ? [{ mac, ip: ip ?? '' }] : [];
  });
}

function configuredMappings(): Record<string, string> {
  for (const file of agentConfigs) {
    if (!existsSync(file)) continue;
    const found = /^\s*bridge_mappings\s*=\s*(\S.*)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    if (found) return parseMappings(found);
  }
  return {};
}

/**
 * Reads `physnet1:br-eth2,physnet2:br-eth3`, as the agent's option is written.
 *
 * @throws LabError `usage` for what is no such list
 */
export function parseMappings(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split(':'));
  const wrong = pairs.find(([network, bridge, more]) => !network || !bridge || more !== undefined);
  if (wrong) {
    throw new LabError('usage', `"${wrong.join(':')}" maps no physical network to a bridge`, {
      remedy: 'write PHYSICAL_NETWORK:BRIDGE, such as physnet1:br-eth2',
    });
  }
  return Object.fromEntries(pairs as [string, string][]);
}
