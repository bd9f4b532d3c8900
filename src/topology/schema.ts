import * as z from 'zod';
import { cidrPattern, ipv4Pattern, numberToIpv4, subnetOf } from './ipv4.ts';

/*
 * The one description of a topology file. Two conventions serve the error messages: the `error` of a leaf says
 * what was expected there, and the `error` of an object lists the keys it knows.
 */

function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : 'a mapping'),
  });
}

function list<Element extends z.ZodType>(element: Element) {
  return z.array(element, { error: 'a list' });
}

function whole(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: values.join(', ') });
}

const nameError = 'a name of 1 to 63 letters, digits, - and _, starting with a letter or digit';
const name = z.string({ error: nameError }).regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, { error: nameError });

const ipv4Error = 'an IPv4 address such as 10.0.0.11';
const ipv4 = z.string({ error: ipv4Error }).regex(ipv4Pattern, { error: ipv4Error });

const cidrError = 'a subnet such as 10.0.0.0/24, with a prefix length from 8 to 30';
const cidr = z
  .string({ error: cidrError })
  .regex(cidrPattern, { error: cidrError, abort: true })
  .refine((text) => text === canonicalCidr(text), {
    error: (issue) => `${canonicalCidr(String(issue.input))}, the subnet this address lies in`,
  });

function canonicalCidr(text: string): string {
  const { network, prefixLength } = subnetOf(text);
  return `${numberToIpv4(network)}/${prefixLength}`;
}

const macError = 'a MAC address such as 52:54:00:12:34:56';
const mac = z
  .string({ error: macError })
  .regex(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, { error: macError, abort: true })
  .refine((text) => (Number.parseInt(text.slice(0, 2), 16) & 1) === 0, {
    error:
      'the MAC address of one machine: the lowest bit of the first byte is set, which makes it multicast',
  })
  .refine((text) => /[^0:]/.test(text), { error: 'a MAC address that is not all zeros' })
  .toLowerCase();

const vlanId = whole(1, 4094);

const physicalNetwork = name.describe('The wire, by its name in bridge_mappings');

const flatProvider = strict({
  network_type: z.literal('flat').describe('Frames on the wire carry no tag'),
  physical_network: physicalNetwork,
});

const vlanProvider = strict({
  network_type: z.literal('vlan').describe('Frames on the wire carry segmentation_id as their VLAN tag'),
  physical_network: physicalNetwork,
  segmentation_id: vlanId.describe('The VLAN id on the wire'),
});

/** GRE's key has 32 bits (RFC 2890), VXLAN's network identifier 24 (RFC 7348). */
const greProvider = strict({
  network_type: z.literal('gre').describe('Frames leave devstack in GRE tunnels only, to the compute node'),
  segmentation_id: whole(1, 4294967295).describe('The key in the GRE header'),
});

const vxlanProvider = strict({
  network_type: z
    .literal('vxlan')
    .describe('Frames leave devstack in VXLAN tunnels only, to the compute node'),
  segmentation_id: whole(1, 16777215).describe('The network identifier (VNI) in the VXLAN header'),
});

const localProvider = strict({
  network_type: z.literal('local').describe('Frames never leave devstack'),
});

const pool = strict({ start: ipv4, end: ipv4 });

const subnet = strict({
  cidr: cidr.describe('The subnet; its network address and prefix length'),
  gateway_ip: ipv4.optional().describe("The router that DHCP names. Default: the subnet's first address"),
  allocation_pools: list(pool)
    .min(1, { error: 'at least one pool' })
    .optional()
    .describe('Where addresses that nobody chose come from. Default: the whole subnet but the gateway'),
  dhcp: strict({
    ip: ipv4.optional().describe('The address of dnsmasq. Default: the next free of the pools'),
    lease_duration: whole(120, 31536000)
      .default(86400)
      .describe('Lease time in seconds; dnsmasq knows none under 120'),
  })
    .prefault({})
    .describe("The network's dnsmasq"),
});

export const networkSchema = strict({
  name,
  provider: z
    .discriminatedUnion(
      'network_type',
      [flatProvider, vlanProvider, greProvider, vxlanProvider, localProvider],
      { error: 'flat, vlan, gre, vxlan, local' },
    )
    .describe('What the network is on the wire'),
  local_vlan: whole(1, 4093)
    .optional()
    .describe('The VLAN id inside br-int. Default: the next free, from 2 on'),
  subnet,
});

const node = {
  name,
  network: name
    .optional()
    .describe('The network that holds its address and DHCP host entry. Default: the first'),
  mac: mac.optional().describe('Default: 52:54:00 and three bytes derived from the name'),
  ip: ipv4.optional().describe("The address DHCP gives it. Default: the next free of the network's pools"),
  known: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Whether dnsmasq knows its MAC; if not, its requests get no answer'),
};

const machine = {
  memory_mib: whole(64, 1048576).default(512).describe('Memory in MiB'),
  cpus: whole(1, 64).default(1),
  disk_gib: whole(1, 4096).default(1).describe('Size of its one disk in GiB'),
  firmware: oneOf('bios', 'efi').default('bios'),
};

const networkCard = {
  option_rom: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe(
      "Whether its network card has iPXE's option ROM; without it EFI firmware boots by its own PXE, and BIOS has none",
    ),
};

export const vmSchema = strict({ ...node, ...machine, ...networkCard });

/** A stand-in for a VM on a compute node: a network namespace with a real DHCP client. */
export const instanceSchema = strict(node);

const trunks = list(vlanId).min(1, { error: 'at least one VLAN id' });

const switchPort = z.discriminatedUnion(
  'mode',
  [
    strict({ mode: z.literal('transparent').describe('Every frame passes as it is') }),
    strict({
      mode: z.literal('access').describe('Untagged outside, one VLAN inside'),
      vlan: vlanId.describe('The VLAN of its frames inside the switch'),
    }),
    strict({
      mode: z.literal('trunk').describe('Tagged frames of the listed VLANs pass'),
      trunks: trunks.describe('The VLANs that pass with their tag'),
      native_vlan: vlanId.nullable().default(null).describe('The VLAN of untagged frames. Default: none'),
    }),
  ],
  { error: 'transparent, access, trunk' },
);

const port = switchPort
  .default({ mode: 'transparent' })
  .describe('The switch port it is plugged into. Default: transparent');

const tunnelSchema = strict({
  cidr: cidr.default('172.31.0.0/24').describe('The subnet of the tunnel endpoints, on the wire'),
  local_ip: ipv4
    .optional()
    .describe("devstack's tunnel endpoint, on the bridge of the wire. Default: the subnet's first address"),
  physical_network: name
    .optional()
    .describe('The wire that the tunnels go over. Default: the first of bridge_mappings'),
  compute: strict({
    name: name.default('compute-1'),
    ip: ipv4.optional().describe('Its tunnel endpoint. Default: the next free of the subnet'),
    port,
    instances: list(instanceSchema).default([]).describe('Stand-ins for VMs, on its br-int'),
  })
    .prefault({})
    .describe("A compute node at the tunnels' other end, in the rack, on the switch"),
});

const namespaceServer = strict({
  ...node,
  kind: z.literal('namespace').describe('A light stand-in: a network namespace with a real DHCP client'),
  count: whole(1, 1000)
    .optional()
    .describe('Makes that many of it, named NAME-1, NAME-2, …; mac and ip are then derived'),
  vlan: whole(0, 4094)
    .nullable()
    .default(null)
    .describe('The server tags its own frames with this VLAN id (0: a priority tag). Default: no tag'),
  port,
});

const fruError = 'a text of 1 to 63 characters';
const fruText = z.string({ error: fruError }).min(1, { error: fruError }).max(63, { error: fruError });

const vmServer = strict({
  ...node,
  kind: z.literal('vm').describe('A libvirt domain, powered off until its BMC is told to start it'),
  ...machine,
  ...networkCard,
  port,
  bmc: strict({
    ip: ipv4.optional().describe('Default: the next free of the management subnet'),
    username: name.default('admin').describe('Its password is made anew for each lab'),
  })
    .prefault({})
    .describe('Its baseboard management controller, on the management link'),
  fru: strict({
    manufacturer: fruText.default('lab'),
    product: fruText.default('virtual server'),
    serial: fruText.optional().describe("Default: the server's name"),
  })
    .prefault({})
    .describe('What its BMC tells of the machine: its field replaceable unit information'),
});

const externalServer = strict({
  ...node,
  kind: z
    .literal('external')
    .describe(
      'A real server on a real wire (`lab up --uplink`): known to dnsmasq and Ironic, made by nobody',
    ),
  mac: mac.describe('That of the NIC that boots from the network'),
  ...machine,
  bmc: strict({
    ip: ipv4.describe('Where the BMC is; `lab up --bmc-via` leads there'),
    port: whole(1, 65535).default(623).describe('Its UDP port'),
    username: name.default('admin').describe('Its password is given in a hardware_info'),
    cipher_suite: whole(0, 17)
      .nullable()
      .default(null)
      .describe("ipmitool's -C, for a BMC that tells its suites wrongly or not. Default: the best it offers"),
  })
    .nullable()
    .default(null)
    .describe('Its baseboard management controller. Default: none, and it is not enrolled'),
});

export const serverSchema = z.discriminatedUnion('kind', [namespaceServer, vmServer, externalServer], {
  error: 'namespace, vm, external',
});

export const routerSchema = strict({
  name,
  interfaces: list(name)
    .min(1, { error: 'at least one network' })
    .describe('The networks it serves, with their gateway_ip as its address there'),
  external_ip: ipv4.describe('Its address on br-ex: the source of what leaves (SNAT)'),
});

const probabilityError = 'a probability from 0 to 1';
const probability = z
  .number({ error: probabilityError })
  .min(0, { error: probabilityError })
  .max(1, { error: probabilityError })
  .default(0);

const durationError = 'a time from 0 to 60000 ms';
const milliseconds = z
  .number({ error: durationError })
  .min(0, { error: durationError })
  .max(60_000, { error: durationError })
  .default(0);

const rateError = 'a rate from 0.001 to 100000 Mbit/s';

export const linkFaultsSchema = strict({
  seed: whole(0, 4_294_967_295)
    .default(0)
    .describe(
      'Decides which frames are met: the same seed gives the n-th frame of a direction the same fate',
    ),
  loss: probability.describe('How likely a frame is lost'),
  delay_ms: milliseconds.describe('How long each frame is on its way'),
  jitter_ms: milliseconds.describe('How much longer or shorter that may be; frames stay in order'),
  duplicate: probability.describe('How likely a frame arrives twice'),
  reorder: probability.describe('How likely a frame is overtaken by the next'),
  rate_mbit: z
    .number({ error: rateError })
    .min(0.001, { error: rateError })
    .max(100_000, { error: rateError })
    .nullable()
    .default(null)
    .describe('What passes in Mbit/s. Default: as much as comes'),
  down: z.boolean({ error: 'true or false' }).default(false).describe('Whether it is unplugged'),
});

const bridgeError = 'a bridge named br-NIC (at most 15 characters), such as br-eth2 for the wire eth2';
const bridge = z.string({ error: bridgeError }).regex(/^br-[A-Za-z0-9]{1,12}$/, { error: bridgeError });

const capturePointError = 'HOST/INTERFACE with the host devstack or rack, such as devstack/eth2';

export const topologySchema = strict({
  name: name.optional().describe("Identifiers are derived from it. Default: the file's name"),
  title: z
    .string({ error: 'a line of text' })
    .min(1, { error: 'a line of text' })
    .optional()
    .describe('One line that says what this is. Default: the name'),
  rules: oneOf('juno', 'current', 'article')
    .default('juno')
    .describe(
      "Whose OpenFlow rules: Juno's agent, today's agent, or the article's literal (failing) placement",
    ),
  interconnect: oneOf('patch', 'veth')
    .default('patch')
    .describe('What joins br-int and the physical bridges'),
  bridge_mappings: z
    .record(name, bridge, { error: 'a mapping such as { physnet1: br-eth2 }' })
    .refine((mappings) => Object.keys(mappings).length > 0, {
      error: 'at least one, such as { physnet1: br-eth2 }: the servers are on its wire',
    })
    .default({ physnet1: 'br-eth2' })
    .describe('Physical network -> OVS bridge, as in the Open vSwitch agent; br-eth2 holds the wire eth2'),
  networks: list(networkSchema).min(1, { error: 'at least one network' }),
  external_network: strict({
    cidr,
    tftp_server: ipv4.describe('A TFTP server beyond br-ex'),
  })
    .nullable()
    .default(null)
    .describe('What lies beyond br-ex. Default: nothing'),
  routers: list(routerSchema).default([]).describe('Routers (qrouter-…) from networks to br-ex'),
  tunnel: tunnelSchema
    .nullable()
    .default(null)
    .describe('What networks of type gre and vxlan leave by. Default: nothing'),
  vms: list(vmSchema).default([]).describe('VMs on brbm, in devstack'),
  switch: strict({
    name: name.default('tor'),
    uplink: switchPort.default({ mode: 'transparent' }).describe("The port of devstack's wire"),
  })
    .prefault({})
    .describe("The rack's access switch"),
  management: strict({
    cidr: cidr.default('192.168.24.0/24'),
    ip: ipv4.optional().describe("devstack's own address. Default: the first of the subnet"),
  })
    .prefault({})
    .describe('The management link, which the BMCs are on'),
  servers: list(serverSchema).default([]).describe('Physical servers, in the rack, on the switch'),
  link_faults: z
    .record(name, linkFaultsSchema, { error: 'a mapping such as { eth2: { loss: 0.1 } }' })
    .default({})
    .describe(
      'What is wrong with cables, by a wire (eth2), a server, or mgmt for the management link. Default: nothing',
    ),
  capture_points: list(
    z.string({ error: capturePointError }).regex(/^(devstack|rack)\/[^/\s]+$/, { error: capturePointError }),
  )
    .optional()
    .describe('Where frames are captured. Default: every interesting point'),
}).meta({ title: 'A lab topology' });

/** What a file says after the schema's own defaults, before addresses and the like are derived. */
export type TopologyFile = z.output<typeof topologySchema>;
export type NetworkEntry = z.output<typeof networkSchema>;
export type ServerEntry = z.output<typeof serverSchema>;
export type InstanceEntry = z.output<typeof instanceSchema>;
export type TunnelEntry = z.output<typeof tunnelSchema>;
export type NodeEntry = z.output<typeof vmSchema> | ServerEntry | InstanceEntry;

/** The same data with nothing left open. */
type Complete<T> = T extends readonly (infer Element)[]
  ? readonly Complete<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Complete<Exclude<T[Key], undefined>> }
    : T;

export type Network = Complete<NetworkEntry>;
export type Vm = Complete<z.output<typeof vmSchema>>;
export type NamespaceServer = Complete<Omit<z.output<typeof namespaceServer>, 'count'>>;
export type VmServer = Complete<z.output<typeof vmServer>>;
/** A server that is no part of the lab. */
export type ExternalServer = Complete<z.output<typeof externalServer>>;
/** A server in the rack. */
export type RackServer = NamespaceServer | VmServer;
export type Server = RackServer | ExternalServer;
/** A server with a BMC, and that BMC. */
export type ServerWithBmc =
  | VmServer
  | (ExternalServer & { readonly bmc: NonNullable<ExternalServer['bmc']> });
export type Instance = Complete<InstanceEntry>;
export type Tunnel = Complete<TunnelEntry>;
export type Router = Complete<z.output<typeof routerSchema>>;
/** What is wrong with a cable: probabilities from 0 to 1, times in ms. */
export type LinkFaults = Complete<z.output<typeof linkFaultsSchema>>;
export type SwitchPort = Complete<z.output<typeof switchPort>>;

/**
 * A checked topology: plain data in the shape of the file, every default filled in, every address, MAC and local
 * VLAN decided, `count` expanded. Written as YAML and parsed again it gives itself. MACs are lower-case with
 * colons, addresses dotted decimal, VLAN ids numbers, durations seconds.
 */
export type Topology = Complete<Omit<TopologyFile, 'servers'>> & { readonly servers: readonly Server[] };
