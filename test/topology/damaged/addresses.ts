import { after, type Damaged, provider, refused, subnet } from './case.ts';

/** Addresses, MACs and segments that cannot be. */
export const damagedAddresses: readonly Damaged[] = [
  // segments
  refused(
    'a segment id on flat',
    provider('{ network_type: flat, physical_network: physnet1, ▸segmentation_id: 1001 }'),
    'found segmentation_id on a flat network, whose frames carry no segment id; remove it, or make network_type vlan',
  ),
  refused(
    'a segment id on local',
    provider('{ network_type: local, ▸segmentation_id: 1001 }'),
    'found segmentation_id on a local network, whose frames carry no segment id; remove it, or make network_type vlan',
  ),
  refused(
    'a wire for a tunnelled network',
    provider('{ network_type: gre, ▸physical_network: physnet1, segmentation_id: 1 }'),
    'found physical_network on a gre network, which is on no wire; remove it, or make network_type flat or vlan',
  ),
  refused(
    'tunnelled networks without a tunnel',
    `networks:
  - name: one
    provider: { network_type: ▸gre, segmentation_id: 1001 }
    subnet: { cidr: 10.0.0.0/24 }
  - name: two
    provider: { network_type: ▸vxlan, segmentation_id: 1001 }
    subnet: { cidr: 10.0.1.0/24 }`,
    'found a gre network, but no tunnel for its frames to leave by; add tunnel: {}',
    'found a vxlan network, but no tunnel for its frames to leave by; add tunnel: {}',
  ),
  refused(
    'a VNI of 25 bits',
    provider('{ network_type: vxlan, segmentation_id: ▸16777216 }'),
    'found 16777216, expected a whole number from 1 to 16777215',
  ),
  refused(
    'a key twice in tunnels of one type',
    `tunnel: {}
networks:
  - name: one
    provider: { network_type: gre, segmentation_id: 1001 }
    subnet: { cidr: 10.0.0.0/24 }
  - name: two
    provider: { network_type: vxlan, segmentation_id: 1001 }
    subnet: { cidr: 10.0.1.0/24 }
  - name: three
    provider: { network_type: gre, segmentation_id: ▸1001 }
    subnet: { cidr: 10.0.2.0/24 }`,
    'found the segment 1001 on gre a second time; change one of the two (see line 4)',
  ),
  refused(
    'tunnel endpoints that clash, on no wire',
    after('tunnel: { local_ip: 172.31.0.9, physical_network: ▸physnet2, compute: { ip: ▸172.31.0.9 } }'),
    'found the physical network "physnet2", expected one of physnet1; did you mean "physnet1"?',
    'found the address 172.31.0.9, which devstack has already; choose another',
  ),
  refused(
    'a tunnel endpoint beside its subnet',
    after('tunnel: { cidr: 172.31.0.0/30, compute: { ip: ▸172.31.0.4 } }'),
    'found 172.31.0.4, expected a host address of the tunnel endpoints, 172.31.0.1-172.31.0.2; choose one of these',
  ),
  refused(
    'an instance that has what others have',
    after(
      'vms: [{ name: a, mac: 52:54:00:00:00:01, ip: 10.0.0.9 }]\ntunnel: { compute: { name: c, instances: [{ name: ▸a, mac: ▸52:54:00:00:00:01, ip: ▸10.0.0.9 }] } }',
    ),
    'found the name "a" a second time; change one of the two (see line 5)',
    'found the MAC 52:54:00:00:00:01, which a has already; choose another (see line 5)',
    'found the address 10.0.0.9, which a has already; choose another (see line 5)',
  ),
  refused(
    'no wire at all',
    'bridge_mappings: ▸{}\nnetworks:\n  - { name: n, provider: { network_type: local }, subnet: { cidr: 10.0.0.0/24 } }',
    'found a mapping, expected at least one, such as { physnet1: br-eth2 }: the servers are on its wire',
  ),
  refused(
    'no segment id on vlan',
    provider('▸{ network_type: vlan, physical_network: physnet1 }'),
    'found no segmentation_id, expected a whole number from 1 to 4094; add it',
  ),
  refused(
    'segment id 4095',
    provider('{ network_type: vlan, physical_network: physnet1, segmentation_id: ▸4095 }'),
    'found 4095, expected a whole number from 1 to 4094',
  ),
  refused(
    'the dead local VLAN',
    provider('{ network_type: flat, physical_network: physnet1 }\n    local_vlan: ▸4095'),
    'found 4095, expected a whole number from 1 to 4093',
  ),
  refused(
    'an unmapped wire',
    provider('{ network_type: flat, physical_network: ▸physnet2 }'),
    'found the physical network "physnet2", expected one of physnet1; did you mean "physnet1"?',
  ),
  refused(
    'one bridge for two wires',
    `bridge_mappings: { physnet1: br-eth2, physnet2: ▸br-eth2 }\n${after('')}`,
    'found the bridge br-eth2 a second time; change one of the two',
  ),
  refused(
    'two flat networks on a wire',
    after(
      '  - name: two\n    provider: { network_type: flat, physical_network: ▸physnet1 }\n    subnet: { cidr: 10.0.1.0/24 }',
    ),
    'found an untagged network on physnet1 a second time; change one of the two (see line 3)',
  ),
  refused(
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
  refused(
    'no address',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.0'),
    'found "10.0.0", expected an IPv4 address such as 10.0.0.11',
  ),
  refused(
    'a leading zero',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.0.010'),
    'found "10.0.0.010", expected an IPv4 address such as 10.0.0.11',
  ),
  refused(
    'no prefix length',
    subnet('cidr: ▸10.0.0.0'),
    'found "10.0.0.0", expected a subnet such as 10.0.0.0/24, with a prefix length from 8 to 30',
  ),
  refused(
    'host bits',
    subnet('cidr: ▸10.0.0.7/24'),
    'found "10.0.0.7/24", expected 10.0.0.0/24, the subnet this address lies in',
  ),
  refused(
    'the gateway elsewhere',
    subnet('cidr: 10.0.0.0/24\ngateway_ip: ▸10.0.1.1'),
    'found 10.0.1.1, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  refused(
    'dnsmasq on the broadcast address',
    subnet('cidr: 10.0.0.0/24\ndhcp: { ip: ▸10.0.0.255 }'),
    'found 10.0.0.255, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  refused(
    'dnsmasq on the gateway',
    subnet('cidr: 10.0.0.0/24\ndhcp: { ip: ▸10.0.0.1 }'),
    'found the address 10.0.0.1, which the gateway (by default) has already; choose another',
  ),
  refused(
    'a lease too short for dnsmasq',
    subnet('cidr: 10.0.0.0/24\ndhcp: { lease_duration: ▸60 }'),
    'found 60, expected a whole number from 120 to 31536000',
  ),
  refused(
    'a pool outside',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [{ start: ▸10.0.1.10, end: ▸10.0.1.20 }]'),
    'found 10.0.1.10, expected a host address of the subnet 10.0.0.0/24, 10.0.0.1-10.0.0.254; choose one of these',
    'found 10.0.1.20, expected a host address of the subnet 10.0.0.0/24, 10.0.0.1-10.0.0.254; choose one of these',
  ),
  refused(
    'a pool backwards',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.20, end: 10.0.0.10 }]'),
    'found the pool 10.0.0.20-10.0.0.10, expected start before end; swap them',
  ),
  refused(
    'a pool over the gateway',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.1, end: 10.0.0.10 }]'),
    'found the pool 10.0.0.1-10.0.0.10 with the gateway 10.0.0.1 in it; leave the gateway out',
  ),
  refused(
    'overlapping pools',
    subnet(
      'cidr: 10.0.0.0/24\nallocation_pools:\n  - { start: 10.0.0.10, end: 10.0.0.20 }\n  - ▸{ start: 10.0.0.20, end: 10.0.0.30 }',
    ),
    'found the pool 10.0.0.20-10.0.0.30, which shares addresses with an earlier one; make them apart (see line 7)',
  ),
  refused(
    'a pool without end',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: [▸{ start: 10.0.0.10 }]'),
    'found no end, expected an IPv4 address such as 10.0.0.11; add it',
  ),
  refused(
    'a VM outside its subnet',
    after('vms:\n  - { name: a, ip: ▸10.0.1.5 }'),
    'found 10.0.1.5, expected a host address of the network "provider", 10.0.0.1-10.0.0.254; choose one of these',
  ),
  refused(
    'the same address twice',
    after('vms:\n  - { name: a, ip: 10.0.0.5 }\n  - { name: b, ip: ▸10.0.0.5 }'),
    'found the address 10.0.0.5, which a has already; choose another (see line 6)',
  ),
  refused(
    'the address of the gateway',
    after('vms:\n  - { name: a, ip: ▸10.0.0.1 }'),
    'found the address 10.0.0.1, which the gateway (by default) has already; choose another',
  ),
  refused(
    'a full pool',
    subnet('cidr: 10.0.0.0/24\nallocation_pools: ▸[{ start: 10.0.0.10, end: 10.0.0.12 }]') +
      '\nservers: [{ name: a, kind: namespace, count: 3 }]',
    'found no free address left in 10.0.0.10-10.0.0.12, expected one for each machine; widen it',
  ),
  refused(
    'a BMC outside the management link',
    after('servers:\n  - { name: a, kind: vm, bmc: { ip: ▸10.0.0.9 } }'),
    'found 10.0.0.9, expected a host address of the management link, 192.168.24.1-192.168.24.254; choose one of these',
  ),
  refused(
    'a BMC on the address of devstack',
    after('servers:\n  - { name: a, kind: vm, bmc: { ip: ▸192.168.24.1 } }'),
    'found the address 192.168.24.1, which devstack (by default) has already; choose another',
  ),
  refused(
    'a full management link',
    after(
      'management: { cidr: ▸192.168.24.0/30 }\nservers:\n  - { name: a, kind: vm }\n  - { name: b, kind: vm }',
    ),
    'found no free address left in 192.168.24.1-192.168.24.2, expected one for each machine; widen it',
  ),
  // MACs
  refused(
    'no MAC',
    after('vms:\n  - { name: a, mac: ▸52-54-00-00-00-01 }'),
    'found "52-54-00-00-00-01", expected a MAC address such as 52:54:00:12:34:56',
  ),
  refused(
    'a multicast MAC',
    after('vms:\n  - { name: a, mac: ▸01:00:5e:00:00:01 }'),
    'found "01:00:5e:00:00:01", expected the MAC address of one machine: the lowest bit of the first byte is set, which makes it multicast',
  ),
  refused(
    'a MAC of zeros',
    after('vms:\n  - { name: a, mac: ▸00:00:00:00:00:00 }'),
    'found "00:00:00:00:00:00", expected a MAC address that is not all zeros',
  ),
  refused(
    'the same MAC twice, in other letters',
    after(
      'vms:\n  - { name: a, mac: 52:54:00:00:00:0a }\nservers:\n  - { name: b, kind: vm, mac: ▸52:54:00:00:00:0A }',
    ),
    'found the MAC 52:54:00:00:00:0a, which a has already; choose another (see line 6)',
  ),
];
