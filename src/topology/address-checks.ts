import { defaultGateway } from './address-pool.ts';
import {
  hostsOf,
  type Ipv4Range,
  ipv4ToNumber,
  poolToRange,
  rangeContains,
  rangesOverlap,
  rangeToText,
  subnetOf,
} from './ipv4.ts';
import type { Path } from './positions.ts';
import { duplicates, type Problem, problem, show, type Unique } from './problems.ts';
import type { NetworkEntry } from './schema.ts';
import { type Item, nodesOf, type Sections } from './sections.ts';

/** The addresses of one network: gateway, dnsmasq, pools, and the VMs and servers on it. */
export function checkSubnet({ path, value }: Item<NetworkEntry>, sections: Sections): Problem[] {
  const { subnet } = value;
  const where = [...path, 'subnet'];
  const gateway = subnet.gateway_ip ?? defaultGateway(subnet.cidr);
  const claims: Unique[] = [
    { key: gateway, path: [...where, 'gateway_ip'], owner: orDefault('the gateway', subnet.gateway_ip) },
    ...claim(subnet.dhcp.ip, [...where, 'dhcp', 'ip'], 'dnsmasq'),
    ...nodesOf(sections).flatMap((node) =>
      (node.value.network ?? sections.networkNames[0]) === value.name
        ? claim(node.value.ip, [...node.path, 'ip'], node.value.name)
        : [],
    ),
  ];
  return [
    ...checkClaims(claims, subnet.cidr, `the network ${show(value.name)}`),
    ...checkPools(subnet, [...where, 'allocation_pools'], gateway),
  ];
}

function checkPools(subnet: NetworkEntry['subnet'], where: Path, gateway: string): Problem[] {
  const hosts = hostsOf(subnetOf(subnet.cidr));
  const pools = subnet.allocation_pools ?? [];
  return pools.flatMap((pool, index): Problem[] => {
    const path = [...where, index];
    const range = poolToRange(pool);
    const outside = (['start', 'end'] as const).filter(
      (end) => !rangeContains(hosts, ipv4ToNumber(pool[end])),
    );
    if (outside.length > 0) {
      return outside.map((end) =>
        problem([...path, end], notAHost(pool[end], hosts, `the subnet ${subnet.cidr}`)),
      );
    }
    if (range.first > range.last) {
      return [problem(path, `found the pool ${rangeToText(range)}, expected start before end; swap them`)];
    }
    const earlier = pools.slice(0, index).map(poolToRange);
    const overlapped = earlier.findIndex((other) => rangesOverlap(range, other));
    return [
      ...(overlapped < 0
        ? []
        : [
            problem(
              path,
              `found the pool ${rangeToText(range)}, which shares addresses with an earlier one; make them apart`,
              'value',
              [...where, overlapped],
            ),
          ]),
      ...(rangeContains(range, ipv4ToNumber(gateway))
        ? [
            problem(
              path,
              `found the pool ${rangeToText(range)} with the gateway ${gateway} in it; leave the gateway out`,
            ),
          ]
        : []),
    ];
  });
}

/** The network beyond br-ex: who has which address there, and that routing can tell it from the others. */
export function checkExternalNetwork({
  externalNetwork,
  routers,
  networks,
  management,
}: Sections): Problem[] {
  const external = externalNetwork?.value;
  if (!externalNetwork || !external) return [];
  const claims = [
    { key: external.tftp_server, path: [...externalNetwork.path, 'tftp_server'], owner: 'the TFTP server' },
    ...routers.map(({ path, value }) => ({
      key: value.external_ip,
      path: [...path, 'external_ip'],
      owner: `the router ${value.name}`,
    })),
  ];
  const routed = new Set(routers.flatMap(({ value }) => value.interfaces));
  const others = [
    ...networks
      .filter(({ value }) => routed.has(value.name))
      .map(({ path, value }) => ({ cidr: value.subnet.cidr, path: [...path, 'subnet', 'cidr'] })),
    ...(management ? [{ cidr: management.value.cidr, path: [...management.path, 'cidr'] }] : []),
  ];
  return [
    ...checkClaims(claims, external.cidr, 'external_network'),
    ...others
      .filter((other) => rangesOverlap(addressesOf(other.cidr), addressesOf(external.cidr)))
      .map((other) =>
        problem(
          other.path,
          `found ${other.cidr}, which shares addresses with ${external.cidr} of external_network; make them apart`,
          'value',
          [...externalNetwork.path, 'cidr'],
        ),
      ),
  ];
}

/** The management link: devstack's own address and the BMCs'. */
export function checkManagement({ management, servers }: Sections): Problem[] {
  if (!management) return [];
  const { cidr, ip } = management.value;
  const claims = [
    { key: ip ?? defaultGateway(cidr), path: [...management.path, 'ip'], owner: orDefault('devstack', ip) },
    ...servers.flatMap(({ path, value }) =>
      value.kind === 'namespace'
        ? []
        : claim(value.bmc?.ip, [...path, 'bmc', 'ip'], `the BMC of ${value.name}`),
    ),
  ];
  return checkClaims(claims, cidr, 'the management link');
}

/** The tunnel endpoints' subnet on the wire: that of devstack, and the compute node's. */
export function checkTunnelAddresses({ tunnel }: Sections): Problem[] {
  if (!tunnel?.value) return [];
  const { cidr, local_ip, compute } = tunnel.value;
  const claims = [
    {
      key: local_ip ?? defaultGateway(cidr),
      path: [...tunnel.path, 'local_ip'],
      owner: orDefault('devstack', local_ip),
    },
    ...claim(compute.ip, [...tunnel.path, 'compute', 'ip'], compute.name),
  ];
  return checkClaims(claims, cidr, 'the tunnel endpoints');
}

/** A reader who finds nothing in the file has to know why an address is taken. */
function orDefault(owner: string, given: string | undefined): string {
  return given === undefined ? `${owner} (by default)` : owner;
}

function claim(ip: string | undefined, path: Path, owner: string): Unique[] {
  return ip === undefined ? [] : [{ key: ip, path, owner }];
}

function checkClaims(claims: readonly Unique[], cidr: string, place: string): Problem[] {
  const hosts = hostsOf(subnetOf(cidr));
  return [
    ...claims
      .filter(({ key }) => !rangeContains(hosts, ipv4ToNumber(key)))
      .map(({ key, path }) => problem(path, notAHost(key, hosts, place))),
    ...duplicates('the address', claims),
  ];
}

function notAHost(address: string, hosts: Ipv4Range, place: string): string {
  return `found ${address}, expected a host address of ${place}, ${rangeToText(hosts)}; choose one of these`;
}

function addressesOf(cidr: string): Ipv4Range {
  const { network, broadcast } = subnetOf(cidr);
  return { first: network, last: broadcast };
}
