import {
  checkExternalNetwork,
  checkManagement,
  checkSubnet,
  checkTunnelAddresses,
} from './address-checks.ts';
import { expandCount, isCounted } from './count.ts';
import { managementDevice, wireOf } from './ids.ts';
import { checkPhysicalNetworks, checkSegments, checkTunnels, ownBridges } from './network-checks.ts';
import type { Path } from './positions.ts';
import { duplicates, type Problem, problem, show, undefinedName } from './problems.ts';
import { nodesOf, type Sections } from './sections.ts';

/** What is wrong in how the parts of a topology go together: names, references, segments, addresses. */
export function checkSections(sections: Sections): Problem[] {
  return [
    ...checkNames(sections),
    ...checkNodes(sections),
    ...checkOptionRoms(sections),
    ...checkPhysicalNetworks(sections),
    ...checkSegments(sections),
    ...checkTunnels(sections),
    ...checkRouters(sections),
    ...sections.networks.flatMap((network) => checkSubnet(network, sections)),
    ...checkExternalNetwork(sections),
    ...checkManagement(sections),
    ...checkLinkFaults(sections),
    ...checkTunnelAddresses(sections),
    ...checkCapturePoints(sections),
  ];
}

/** A node's name also names its interface in HOST/INTERFACE, where bridges and wires have theirs. */
function checkNames(sections: Sections): Problem[] {
  const bridges = Object.values(sections.bridgeMappings?.value ?? {});
  const rackSwitch = sections.switch ? [sections.switch.value.name] : [];
  const taken = [...ownBridges, managementDevice, ...bridges, ...bridges.map(wireOf), ...rackSwitch];
  const named = (path: Path, name: string) => ({ key: show(name), path: [...path, 'name'] });
  const tunnel = sections.tunnel?.value;
  const nodes = [
    ...sections.vms.map(({ path, value }) => named(path, value.name)),
    ...sections.servers.flatMap(({ path, value }) =>
      expandCount(value).map((server) => named(path, server.name)),
    ),
    ...(tunnel ? [named(['tunnel', 'compute'], tunnel.compute.name)] : []),
    ...sections.instances.map(({ path, value }) => named(path, value.name)),
  ];
  return [
    ...oncePerEntry(duplicates('the name', nodes)),
    ...duplicates(
      'the network name',
      sections.networks.map(({ path, value }) => named(path, value.name)),
    ),
    ...duplicates(
      'the router name',
      sections.routers.map(({ path, value }) => named(path, value.name)),
    ),
    ...nodes
      .filter(({ key }) => taken.map(show).includes(key))
      .map(({ key, path }) =>
        problem(path, `found the name ${key}, which a bridge, a wire or the switch has; choose another`),
      ),
  ];
}

/** Two entries with a count may clash in a hundred names, which is one mistake. */
function oncePerEntry(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.toReversed().map((found) => [String(found.path), found])).values()];
}

function checkNodes(sections: Sections): Problem[] {
  const nodes = nodesOf(sections);
  const counted = sections.servers.filter(({ value }) => isCounted(value));
  return [
    ...duplicates(
      'the MAC',
      nodes.flatMap(({ path, value }) =>
        value.mac ? [{ key: value.mac, path: [...path, 'mac'], owner: value.name }] : [],
      ),
    ),
    ...counted.flatMap(({ path, value }) =>
      (['mac', 'ip'] as const)
        .filter((key) => value[key] !== undefined)
        .map((key) =>
          problem(
            [...path, key],
            `found ${key} beside count, which makes several servers; expected it derived; remove one of the two`,
            'key',
          ),
        ),
    ),
    ...nodes.flatMap(({ path, value }) =>
      value.network === undefined || sections.networkNames.includes(value.network)
        ? []
        : [undefinedName([...path, 'network'], 'the network', value.network, sections.networkNames)],
    ),
  ];
}

/** Of the two kinds of firmware only EFI boots from the network by itself. */
function checkOptionRoms({ vms, servers }: Sections): Problem[] {
  const physical = servers.flatMap(({ path, value }) => (value.kind === 'vm' ? [{ path, value }] : []));
  return [...vms, ...physical]
    .filter(({ value }) => !value.option_rom && value.firmware === 'bios')
    .map(({ path }) =>
      problem(
        [...path, 'option_rom'],
        'found no option ROM beside the firmware bios, which cannot boot from the network without; add firmware: efi',
        'key',
      ),
    );
}

function checkRouters({ routers, networkNames, externalNetwork }: Sections): Problem[] {
  const interfaces = routers.flatMap(({ path, value }) =>
    value.interfaces.map((network, index) => ({ key: network, path: [...path, 'interfaces', index] })),
  );
  const [first] = routers;
  return [
    ...duplicates('a router interface on', interfaces),
    ...interfaces
      .filter(({ key }) => !networkNames.includes(key))
      .map(({ key, path }) => undefinedName(path, 'the network', key, networkNames)),
    ...(first && externalNetwork?.value === null
      ? [
          problem(
            first.path,
            'found a router, but no external_network for it to lead to; add external_network',
          ),
        ]
      : []),
  ];
}

/** Faults are those of a cable that there is. */
function checkLinkFaults({ linkFaults, bridgeMappings, servers }: Sections): Problem[] {
  const links = [
    ...Object.values(bridgeMappings?.value ?? {}).map(wireOf),
    managementDevice,
    ...inTheRack(servers),
  ];
  return Object.keys(linkFaults?.value ?? {})
    .filter((link) => !links.includes(link))
    .map((link) => {
      const { text } = undefinedName([], 'the link', link, links);
      return problem([...(linkFaults?.path ?? []), link], text, 'key');
    });
}

function checkCapturePoints(sections: Sections): Problem[] {
  const { capturePoints, vms, servers, bridgeMappings, switch: rackSwitch } = sections;
  const vmNames = vms.map(({ value }) => value.name);
  const serverNames = inTheRack(servers);
  const wires = Object.values(bridgeMappings?.value ?? {}).map(wireOf);
  const { tunnel, instances } = sections;
  const computeNames = tunnel?.value
    ? [tunnel.value.compute.name, ...instances.map(({ value }) => value.name)]
    : [];
  const inRack = [...serverNames, ...wires, rackSwitch?.value.name ?? [], ...computeNames].flat();
  const misplaced = capturePoints.flatMap(({ path, value }) => {
    const [host = '', name = ''] = value.split('/');
    if (host === 'devstack' && serverNames.includes(name)) {
      return [problem(path, `found ${show(value)}, but ${name} stands in the rack; write rack/${name}`)];
    }
    if (host === 'rack' && vmNames.includes(name)) {
      return [problem(path, `found ${show(value)}, but ${name} is on brbm; write devstack/${name}`)];
    }
    if (host !== 'rack' || inRack.includes(name)) return [];
    const points = inRack.map((known) => `rack/${known}`);
    return [undefinedName(path, 'the capture point', value, points)];
  });
  return [
    ...duplicates(
      'the capture point',
      capturePoints.map(({ path, value }) => ({ key: value, path })),
    ),
    ...misplaced,
  ];
}

/** The names of the servers that stand in the rack. */
function inTheRack(servers: Sections['servers']): string[] {
  return servers
    .filter(({ value }) => value.kind !== 'external')
    .flatMap(({ value }) => expandCount(value).map(({ name }) => name));
}
