/**
 * Topologies that must be refused. A ▸ in the text marks where each message has to point (and is taken out before
 * parsing); the messages follow in the same order.
 */
export interface Damaged {
  readonly what: string;
  readonly text: string;
  readonly problems: readonly string[];
}

/** A correct network, and what follows it. */
function after(more: string): string {
  return `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: 10.0.0.0/24 }
${more}`;
}

/** A topology of one network whose subnet has these lines. */
function subnet(lines: string): string {
  return `networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet:
${lines.replace(/^/gm, '      ')}`;
}

/** A topology of one network on this wire. */
function provider(line: string): string {
  return `networks:
  - name: provider
    provider: ${line}
    subnet: { cidr: 10.0.0.0/24 }`;
}

const x = (what: string, text: string, ...problems: string[]): Damaged => ({ what, text, problems });

export const damaged: readonly Damaged[] = [
  // YAML itself
  x('an empty file', '▸', 'found nothing, expected a mapping with networks'),
  x('a list', '▸- networks', 'found a list, expected a mapping with networks'),
  x(
    'a tab as indentation',
    'networks:\n▸\t- name: provider',
    'found text that is not YAML: Tabs are not allowed as indentation',
  ),
  x(
    'an unclosed bracket',
    'networks: [▸',
    'found text that is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ),
  x(
    'the same key twice',
    after('▸networks: []'),
    'found the same key twice in one mapping, expected it once; remove one',
  ),
  x(
    'two documents',
    `${after('')}▸---\nrules: juno`,
    'found a second YAML document, expected one; remove the line ---',
  ),
  x('an alias to itself', after('vms: &v [▸*v]'), 'found a list, expected a mapping'),
  x('an alias to nothing', after('vms: ▸*nodes'), 'found *nodes, but no &nodes before it; add the anchor'),
  x(
    'an unknown tag',
    'networks: ▸!!python/object {}',
    'found text that is not YAML: Unresolved tag: tag:yaml.org,2002:python/object',
  ),
  // keys
  x(
    'a misspelt key',
    after('▸interconect: veth'),
    'found the unknown key "interconect"; did you mean "interconnect"?',
  ),
  x(
    'an unknown key',
    after('▸frobnicate: 1'),
    'found the unknown key "frobnicate", expected one of name, title, rules, interconnect, bridge_mappings, networks, external_network, routers, vms, switch, management, servers, capture_points; remove it',
  ),
  x(
    'a misspelt key deep inside',
    after('servers:\n  - { name: a, kind: vm, ▸memory_mb: 512 }'),
    'found the unknown key "memory_mb"; did you mean "memory_mib"?',
  ),
  x(
    'a key in an aliased mapping',
    after('vms: [&node { name: a, ▸cpu: 2 }, *node]'),
    'found the unknown key "cpu"; did you mean "cpus"?',
  ),
  x('a missing section', '▸rules: juno', 'found no networks, expected a list; add it'),
  x(
    'a missing name',
    after('vms:\n  - ▸cpus: 1'),
    'found no name, expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit; add it',
  ),
  x(
    'a missing kind',
    after('servers:\n  - ▸name: a'),
    'found no kind, expected one of namespace, vm; add it',
  ),
  x(
    'a missing network type',
    provider('▸{ physical_network: physnet1 }'),
    'found no network_type, expected one of flat, vlan; add it',
  ),
  x(
    'a BMC on a namespace',
    after('servers:\n  - { name: a, kind: namespace, ▸bmc: {} }'),
    'found the unknown key "bmc", expected one of name, network, mac, ip, known, kind, count, vlan, port; remove it',
  ),
  // types and values
  x('a text for a list', 'networks: ▸provider', 'found "provider", expected a list'),
  x('an empty list', 'networks: ▸[]', 'found an empty list, expected at least one network'),
  x('a list for a mapping', after('switch: ▸[]'), 'found an empty list, expected a mapping'),
  x(
    'an empty value',
    after('▸title:'),
    'found nothing, expected a line of text; write a value, or remove the key',
  ),
  x('a number for a text', after('title: ▸7'), 'found 7, expected a line of text'),
  x(
    'a text for a number',
    after('vms:\n  - { name: a, cpus: ▸two }'),
    'found "two", expected a whole number from 1 to 64',
  ),
  x(
    'a fraction',
    after('vms:\n  - { name: a, cpus: ▸1.5 }'),
    'found 1.5, expected a whole number from 1 to 64',
  ),
  x('too much', after('vms:\n  - { name: a, cpus: ▸65 }'), 'found 65, expected a whole number from 1 to 64'),
  x(
    'too little',
    after('vms:\n  - { name: a, memory_mib: ▸32 }'),
    'found 32, expected a whole number from 64 to 1048576',
  ),
  x(
    'a text for a boolean',
    after('vms:\n  - { name: a, known: ▸"no" }'),
    'found "no", expected true or false',
  ),
  x(
    'a misspelt choice',
    after('rules: ▸jun0'),
    'found "jun0", expected one of juno, current, article; did you mean "juno"?',
  ),
  x('an unknown choice', after('rules: ▸havana'), 'found "havana", expected one of juno, current, article'),
  x(
    'an unknown kind',
    after('servers:\n  - { name: a, kind: ▸container }'),
    'found "container", expected one of namespace, vm',
  ),
  x(
    'an unknown network type',
    provider('{ network_type: ▸vlna, physical_network: physnet1 }'),
    'found "vlna", expected one of flat, vlan; did you mean "vlan"?',
  ),
  x(
    'an unknown port mode',
    after('servers:\n  - { name: a, kind: vm, port: { mode: ▸hybrid } }'),
    'found "hybrid", expected one of transparent, access, trunk',
  ),
  x(
    'a name with a space',
    after('vms:\n  - name: ▸my vm'),
    'found "my vm", expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit',
  ),
  x(
    'a long text, shortened',
    after(`rules: ▸${'very '.repeat(40)}long`),
    'found "very very very very very very very very very very very v…, expected one of juno, current, article',
  ),
  x(
    'a bridge without a wire',
    `bridge_mappings: { physnet1: ▸eth2 }\n${after('')}`,
    'found "eth2", expected a bridge named br-NIC (at most 15 characters), such as br-eth2 for the wire eth2',
  ),
  x(
    'a physical network that is no name',
    `bridge_mappings: { ▸phys/1: br-eth2 }\n${after('')}`,
    'found "phys/1", expected a name of 1 to 63 letters, digits, - and _, starting with a letter or digit',
  ),
  // segments
  x(
    'a segment id on flat',
    provider('{ network_type: flat, physical_network: physnet1, ▸segmentation_id: 1001 }'),
    'found segmentation_id on a flat network, whose frames carry no segment id; remove it, or make network_type vlan',
  ),
  x(
    'no segment id on vlan',
    provider('▸{ network_type: vlan, physical_network: physnet1 }'),
    'found no segmentation_id, expected a whole number from 1 to 4094; add it',
  ),
  x(
    'segment id 4095',
    provider('{ network_type: vlan, physical_network: physnet1, segmentation_id: ▸4095 }'),
    'found 4095, expected a whole number from 1 to 4094',
  ),
  x(
    'the dead local VLAN',
    provider('{ network_type: flat, physical_network: physnet1 }\n    local_vlan: ▸4095'),
    'found 4095, expected a whole number from 1 to 4093',
  ),
  x(
    'an unmapped wire',
    provider('{ network_type: flat, physical_network: ▸physnet2 }'),
    'found the physical network "physnet2", expected one of physnet1; did you mean "physnet1"?',
  ),
  x(
    'one bridge for two wires',
    `bridge_mappings: { physnet1: br-eth2, physnet2: ▸br-eth2 }\n${after('')}`,
    'found the bridge br-eth2 a second time; change one of the two',
  ),
  x(
    'two flat networks on a wire',
    after(
      '  - name: two\n    provider: { network_type: flat, physical_network: ▸physnet1 }\n    subnet: { cidr: 10.0.1.0/24 }',
    ),
    'found an untagged network on physnet1 a second time; change one of the two (see line 3)',
  ),
  x(
    'a segment twice, a local VLAN twice',
    `networks:
  - name: one
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: 1001 }
    local_vlan: 2
    subnet: { cidr: 10.0.0.0/24 }
  - name: two
    provider: { network_type: vlan, physical_network: physnet1, segmentation_id: ▸1001 }
    local_vlan: ▸2
    subnet: { cidr: 10.0.1.0/24 }`,
    'found the segment 1001 on physnet1 a second time; change one of the two (see line 3)',
    'found the local VLAN 2 a second time; change one of the two (see line 4)',
  ),
  // addresses
  x(
    'no address',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.0'),
    'found "10.0.0", expected an IPv4 address such as 10.0.0.11',
  ),
  x(
    'a leading zero',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.0.010'),
    'found "10.0.0.010", expected an IPv4 address such as 10.0.0.11',
  ),
  x(
    'no prefix length',
    subnet('cidr: ▸10.0.0.0'),
    'found "10.0.0.0", expected a subnet such as 10.0.0.0/24, with a prefix length from 8 to 30',
  ),
  x(
    'host bits',
    subnet('cidr: ▸10.0.0.7/24'),
    'found "10.0.0.7/24", expected 10.0.0.0/24, the subnet this address lies in',
  ),
  x(
    'the gateway elsewhere',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.1.1'),
    'found 10.0.1.1, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  x(
    'dnsmasq on the broadcast address',
    subnet('cidr: 10.0.0.0/24\ndhcp: { ip: ▸10.0.0.255 }'),
    'found 10.0.0.255, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  x(
    'dnsmasq on the gateway',
    subnet('cidr: 10.0.0.0/24\ndhcp: { ip: ▸10.0.0.1 }'),
    'found the address 10.0.0.1, which the gateway (by default) has already; choose another',
  ),
  x(
    'a lease too short for dnsmasq',
    subnet('cidr: 10.0.0.0/24\ndhcp: { lease_duration: ▸60 }'),
    'found 60, expected a whole number from 120 to 31536000',
  ),
  x(
    'a pool outside',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [{ start: ▸10.0.1.10, end: ▸10.0.1.20 }]'),
    'found 10.0.1.10, expected a host address of the subnet 10.0.0.0/24, 10.0.0.1-10.0.0.254; choose one of these',
    'found 10.0.1.20, expected a host address of the subnet 10.0.0.0/24, 10.0.0.1-10.0.0.254; choose one of these',
  ),
  x(
    'a pool backwards',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.20, end: 10.0.0.10 }]'),
    'found the pool 10.0.0.20-10.0.0.10, expected start before end; swap them',
  ),
  x(
    'a pool over the gateway',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.1, end: 10.0.0.10 }]'),
    'found the pool 10.0.0.1-10.0.0.10 with the gateway 10.0.0.1 in it; leave the gateway out',
  ),
  x(
    'overlapping pools',
    subnet(
      'cidr: 10.0.0.0/24\nallocation_pools:\n  - { start: 10.0.0.10, end: 10.0.0.20 }\n  - ▸{ start: 10.0.0.20, end: 10.0.0.30 }',
    ),
    'found the pool 10.0.0.20-10.0.0.30, which shares addresses with an earlier one; make them apart (see line 7)',
  ),
  x(
    'a pool without end',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.10 }]'),
    'found no end, expected an IPv4 address such as 10.0.0.11; add it',
  ),
  x(
    'a VM outside its subnet',
    after('vms:\n  - { name: a, ip: ▸10.0.1.5 }'),
    'found 10.0.1.5, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  x(
    'the same address twice',
    after('vms:\n  - { name: a, ip: 10.0.0.5 }\n  - { name: b, ip: ▸10.0.0.5 }'),
    'found the address 10.0.0.5, which a has already; choose another (see line 6)',
  ),
  x(
    'the address of the gateway',
    after('vms:\n  - { name: a, ip: ▸10.0.0.1 }'),
    'found the address 10.0.0.1, which the gateway (by default) has already; choose another',
  ),
  x(
    'a full pool',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: ▸[{ start: 10.0.0.10, end: 10.0.0.12 }]') +
      '\nservers: [{ name: a, kind: namespace, count: 3 }]',
    'found no free address left in 10.0.0.10-10.0.0.12, expected one for each machine; widen it',
  ),
  x(
    'a BMC outside the management link',
    after('servers:\n  - { name: a, kind: vm, bmc: { ip: ▸10.0.0.9 } }'),
    'found 10.0.0.9, expected a host address of the management link, 192.168.24.1-192.168.24.254; choose one of these',
  ),
  x(
    'a BMC on the address of devstack',
    after('servers:\n  - { name: a, kind: vm, bmc: { ip: ▸192.168.24.1 } }'),
    'found the address 192.168.24.1, which devstack (by default) has already; choose another',
  ),
  x(
    'a full management link',
    after(
      'management: { cidr: ▸192.168.24.0/30 }\nservers:\n  - { name: a, kind: vm }\n  - { name: b, kind: vm }',
    ),
    'found no free address left in 192.168.24.1-192.168.24.2, expected one for each machine; widen it',
  ),
  // MACs
  x(
    'no MAC',
    after('vms:\n  - { name: a, mac: ▸52-54-00-00-00-01 }'),
    'found "52-54-00-00-00-01", expected a MAC address such as 52:54:00:12:34:56',
  ),
  x(
    'a multicast MAC',
    after('vms:\n  - { name: a, mac: ▸01:00:5e:00:00:01 }'),
    'found "01:00:5e:00:00:01", expected the MAC address of one machine: the lowest bit of the first byte is set, which makes it multicast',
  ),
  x(
    'a MAC of zeros',
    after('vms:\n  - { name: a, mac: ▸00:00:00:00:00:00 }'),
    'found "00:00:00:00:00:00", expected a MAC address that is not all zeros',
  ),
  x(
    'the same MAC twice, in other letters',
    after(
      'vms:\n  - { name: a, mac: 52:54:00:00:00:0a }\nservers:\n  - { name: b, kind: vm, mac: ▸52:54:00:00:00:0A }',
    ),
    'found the MAC 52:54:00:00:00:0a, which a has already; choose another (see line 6)',
  ),
  // names and references
  x(
    'the same name twice',
    after('vms: [{ name: a }]\nservers: [{ name: ▸a, kind: vm }]'),
    'found the name "a" a second time; change one of the two (see line 5)',
  ),
  x(
    'a name that count makes too',
    after('servers:\n  - { name: a-2, kind: vm }\n  - { name: ▸a, kind: namespace, count: 3 }'),
    'found the name "a-2" a second time; change one of the two (see line 6)',
  ),
  x(
    'the same network name twice',
    `bridge_mappings: { physnet1: br-eth2, physnet2: br-eth3 }\n${after('  - name: ▸provider\n    provider: { network_type: flat, physical_network: physnet2 }\n    subnet: { cidr: 10.0.1.0/24 }')}`,
    'found the network name "provider" a second time; change one of the two (see line 3)',
  ),
  x(
    'a server called like the wire',
    after('servers: [{ name: ▸eth2, kind: vm }]'),
    'found the name "eth2", which a bridge, a wire or the switch has; choose another',
  ),
  x(
    'count beside mac and ip',
    after('servers:\n  - { name: a, kind: namespace, count: 2, ▸mac: 52:54:00:00:00:01, ▸ip: 10.0.0.9 }'),
    'found mac beside count, which makes several servers; expected it derived; remove one of the two',
    'found ip beside count, which makes several servers; expected it derived; remove one of the two',
  ),
  x(
    'a network that is not defined',
    after('vms: [{ name: a, network: ▸providr }]'),
    'found the network "providr", expected one of provider; did you mean "provider"?',
  ),
  x(
    'a router to nowhere',
    after('routers:\n  - ▸{ name: r, interfaces: [provider], external_ip: 192.0.2.2 }'),
    'found a router, but no external_network for it to lead to; add external_network',
  ),
  x(
    'a router for a network that is not defined',
    after(
      'external_network: { cidr: 192.0.2.0/24, tftp_server: 192.0.2.10 }\nrouters:\n  - { name: r, interfaces: [▸tenant], external_ip: 192.0.2.2 }',
    ),
    'found the network "tenant", expected one of provider',
  ),
  x(
    'two routers for a network, and on one address',
    after(
      'external_network: { cidr: 192.0.2.0/24, tftp_server: 192.0.2.2 }\nrouters:\n  - { name: r, interfaces: [provider], external_ip: ▸192.0.2.2 }\n  - { name: s, interfaces: [▸provider], external_ip: 192.0.2.3 }',
    ),
    'found the address 192.0.2.2, which the TFTP server has already; choose another (see line 5)',
    'found a router interface on provider a second time; change one of the two (see line 7)',
  ),
  x(
    'an external network over the management link',
    after(
      'external_network: { cidr: 192.168.0.0/16, tftp_server: 192.168.1.1 }\nmanagement: { cidr: ▸192.168.24.0/24 }',
    ),
    'found 192.168.24.0/24, which shares addresses with 192.168.0.0/16 of external_network; make them apart (see line 5)',
  ),
  x(
    'a capture point without a host',
    after('capture_points: [▸eth2]'),
    'found "eth2", expected HOST/INTERFACE with the host devstack or rack, such as devstack/eth2',
  ),
  x(
    'capture points in the wrong host',
    after('vms: [{ name: a }]\nservers: [{ name: b, kind: vm }]\ncapture_points: [▸rack/a, ▸devstack/b]'),
    'found "rack/a", but a is on brbm; write devstack/a',
    'found "devstack/b", but b stands in the rack; write rack/b',
  ),
  x(
    'a capture point at nobody',
    after('servers: [{ name: stand-in-1, kind: vm }]\ncapture_points: [▸rack/stand-in-2]'),
    'found the capture point "rack/stand-in-2", expected one of rack/stand-in-1, rack/eth2, rack/tor; did you mean "rack/stand-in-1"?',
  ),
  // everything at once
  x(
    'problems of the schema and of the whole, all in one message',
    `rules: ▸none
networks:
  - name: provider
    provider: { network_type: flat, physical_network: physnet1 }
    subnet: { cidr: ▸10.0.0.0/33 }
vms:
  - { name: a, network: provider, mac: 52:54:00:00:00:01 }
  - { name: ▸a, network: ▸tenant, mac: ▸52:54:00:00:00:01 }
  - { name: b, ▸colour: red }`,
    'found "none", expected one of juno, current, article',
    'found "10.0.0.0/33", expected a subnet such as 10.0.0.0/24, with a prefix length from 8 to 30',
    'found the name "a" a second time; change one of the two (see line 7)',
    'found the network "tenant", expected one of provider',
    'found the MAC 52:54:00:00:00:01, which a has already; choose another (see line 7)',
    'found the unknown key "colour", expected one of name, network, mac, ip, known, memory_mib, cpus, disk_gib, firmware; remove it',
  ),
];
