import { after, type Damaged, refused } from './case.ts';

/** Names that clash or mean nothing. */
export const damagedReferences: readonly Damaged[] = [
  // names and references
  refused(
    'the same name twice',
    after('vms: [{ name: a }]\nservers: [{ name: ▸a, kind: vm }]'),
    'found the name "a" a second time; change one of the two (see line 5)',
  ),
  refused(
    'a name that count makes too',
    after('servers:\n  - { name: a-2, kind: vm }\n  - { name: ▸a, kind: namespace, count: 3 }'),
    'found the name "a-2" a second time; change one of the two (see line 6)',
  ),
  refused(
    'the same network name twice',
    `bridge_mappings: { physnet1: br-eth2, physnet2: br-eth3 }\n${after('  - name: ▸provider\n    provider: { network_type: flat, physical_network: physnet2 }\n    subnet: { cidr: 10.0.1.0/24 }')}`,
    'found the network name "provider" a second time; change one of the two (see line 3)',
  ),
  refused(
    'a server called like the wire',
    after('servers: [{ name: ▸eth2, kind: vm }]'),
    'found the name "eth2", which a bridge, a wire or the switch has; choose another',
  ),
  refused(
    'br-int as the bridge of a wire',
    `bridge_mappings: { physnet1: ▸br-int }\n${after('vms: []')}`,
    'found the bridge br-int, which has another purpose; choose another, such as br-eth2',
  ),
  refused(
    'count beside mac and ip',
    after('servers:\n  - { name: a, kind: namespace, count: 2, ▸mac: 52:54:00:00:00:01, ▸ip: 10.0.0.9 }'),
    'found mac beside count, which makes several servers; expected it derived; remove one of the two',
    'found ip beside count, which makes several servers; expected it derived; remove one of the two',
  ),
  refused(
    'a BIOS that nothing boots from the network',
    after('vms: [{ name: a, ▸option_rom: false }]\nservers: [{ name: b, kind: vm, ▸option_rom: false }]'),
    ...['a', 'b'].map(
      () =>
        'found no option ROM beside the firmware bios, which cannot boot from the network without; add firmware: efi',
    ),
  ),
  refused(
    'a network that is not defined',
    after('vms: [{ name: a, network: ▸providr }]'),
    'found the network "providr", expected one of provider; did you mean "provider"?',
  ),
  refused(
    'a router to nowhere',
    after('routers:\n  - ▸{ name: r, interfaces: [provider], external_ip: 192.0.2.2 }'),
    'found a router, but no external_network for it to lead to; add external_network',
  ),
  refused(
    'a router for a network that is not defined',
    after(
      'external_network: { cidr: 192.0.2.0/24, tftp_server: 192.0.2.10 }\nrouters:\n  - { name: r, interfaces: [▸tenant], external_ip: 192.0.2.2 }',
    ),
    'found the network "tenant", expected one of provider',
  ),
  refused(
    'two routers for a network, and on one address',
    after(
      'external_network: { cidr: 192.0.2.0/24, tftp_server: 192.0.2.2 }\nrouters:\n  - { name: r, interfaces: [provider], external_ip: ▸192.0.2.2 }\n  - { name: s, interfaces: [▸provider], external_ip: 192.0.2.3 }',
    ),
    'found the address 192.0.2.2, which the TFTP server has already; choose another (see line 5)',
    'found a router interface on provider a second time; change one of the two (see line 7)',
  ),
  refused(
    'an external network over the management link',
    after(
      'external_network: { cidr: 192.168.0.0/16, tftp_server: 192.168.1.1 }\nmanagement: { cidr: ▸192.168.24.0/24 }',
    ),
    'found 192.168.24.0/24, which shares addresses with 192.168.0.0/16 of external_network; make them apart (see line 5)',
  ),
  refused(
    'a capture point without a host',
    after('capture_points: [▸eth2]'),
    'found "eth2", expected HOST/INTERFACE with the host devstack or rack, such as devstack/eth2',
  ),
  refused(
    'capture points in the wrong host',
    after('vms: [{ name: a }]\nservers: [{ name: b, kind: vm }]\ncapture_points: [▸rack/a, ▸devstack/b]'),
    'found "rack/a", but a is on brbm; write devstack/a',
    'found "devstack/b", but b stands in the rack; write rack/b',
  ),
  refused(
    'a capture point at nobody',
    after('servers: [{ name: stand-in-1, kind: vm }]\ncapture_points: [▸rack/stand-in-2]'),
    'found the capture point "rack/stand-in-2", expected one of rack/stand-in-1, rack/eth2, rack/tor; did you mean "rack/stand-in-1"?',
  ),
  refused(
    'faults of a cable that there is not',
    after('servers: [{ name: web, kind: namespace, count: 2 }]\nlink_faults: { ▸web: { loss: 0.5 } }'),
    'found the link "web", expected one of eth2, mgmt, web-1, web-2',
  ),
  // everything at once
  refused(
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
    'found the unknown key "colour", expected one of name, network, mac, ip, known, memory_mib, cpus, disk_gib, firmware, option_rom; remove it',
  ),
];
