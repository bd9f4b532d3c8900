import { truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Accelerator, Domain } from '../libvirt/domain-xml.ts';
import { domainXml } from '../libvirt/domain-xml.ts';
import { startLibvirtd } from '../libvirt/libvirtd.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { createHost, type Host } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import { isRoot } from '../linux/user.ts';
import type { Progress } from '../report/progress.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import { startBmcs, writeBmcPasswords } from './build-bmcs.ts';
import { buildCompute, joinEndpoints } from './build-compute.ts';
import { buildDevstack } from './build-devstack.ts';
import { buildRack, makeNamespaces } from './build-rack.ts';
import { layWires } from './build-wires.ts';
import { consoleRecorderPidFile } from './daemons.ts';
import { cacheFolder, imagesFolder } from './home.ts';
import { startLinkRelay } from './link-relay.ts';
import type { LabPlan } from './plan.ts';
import type { HostName, Lab } from './record.ts';
import { type BmcCredentials, makeSecrets } from './secrets.ts';
import { imagesInHost, nodeInHost, softwareFolder, softwareInHost, startProgram } from './software.ts';
import { takeNics } from './taken-nics.ts';
import { cabledWires, nicsOf, type Wiring } from './wiring.ts';

/**
 * Builds a lab from its plan and answers when it is ready: dnsmasq answers, the VMs are defined. When it throws, the
 * caller ends the hosts.
 *
 * @param options.signal nothing new is begun once it is aborted
 */
export async function buildLab(
  lab: Pick<Lab, 'name' | 'folder' | 'topology'>,
  plan: LabPlan,
  options: {
    readonly accelerator: Accelerator;
    readonly progress: Progress;
    readonly signal: AbortSignal;
    /** Of BMCs whose credentials are not to be made. */
    readonly credentials: readonly BmcCredentials[];
    readonly wiring: Wiring;
    /** Whether NICs may be taken that the machine's own connections need. */
    readonly iKnow: boolean;
  },
): Promise<Lab> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const progress = untilAborted(options.progress, signal);
  const { accelerator, wiring } = options;
  const { devstack, rack } = await progress.step('hosts devstack and rack', () =>
    createHosts(lab.folder, signal),
  );
  const { topology } = lab;
  const servers = topology.servers.filter((server) => server.kind === 'vm');
  const namespaces = makeNamespaces(rack, plan.rack);
  const relay =
    plan.links.length > 0
      ? progress.step(`cables with faults: ${plan.links.map(({ name }) => name).join(', ')}`, async () => {
          await namespaces;
          await startLinkRelay({ devstack, rack }, plan.links);
        })
      : Promise.resolve();
  const cables = progress.step(
    `cables ${plan.wires.map((wire) => wire.devstackDevice).join(', ')} and mgmt`,
    async () => {
      await takeNics(lab.folder, devstack, nicsOf(plan, wiring), { ...options, signal });
      await layWires(devstack, rack, plan, wiring, relay);
    },
  );
  const bmcs = async () => {
    if (serversWithBmc(topology).length === 0) return;
    const credentials = makeSecrets(lab.folder, topology, options.credentials);
    writeBmcPasswords(devstack, credentials);
    if (servers.length === 0) return;
    await cables;
    await progress.step('BMCs', () => startBmcs(rack, topology, credentials));
  };
  const libvirt = (host: Host, domains: readonly Domain[], machines: readonly Machine[]) =>
    progress.step(named(`libvirt in ${host.name}`, domains), () => {
      makeDisks(host.folder, machines);
      return startDomains(host, domains, accelerator);
    });
  const { compute } = plan.rack;
  try {
    const wires = cabledWires(plan, wiring);
    const switched = buildRack(rack, { ...plan, wires }, { namespaces, cables }, progress);
    await Promise.all([
      cables,
      buildDevstack(devstack, plan.devstack, cables, progress),
      switched,
      ...(compute ? [buildCompute(rack, compute, switched, progress)] : []),
      bmcs(),
      libvirt(devstack, plan.devstack.domains, topology.vms),
      // In the rack the BMCs' program does that.
      ...(topology.vms.length > 0
        ? [startProgram(devstack, 'console-recorder', [consoleRecorderPidFile])]
        : []),
      libvirt(rack, plan.rack.domains, servers),
    ]);
    if (wiring.bmcVia?.kind === 'gateway') {
      const { cidr } = topology.management;
      await ipBatch(devstack, [`route add ${cidr} via ${wiring.bmcVia.gateway}`]);
    }
    const { tunnelEndpoint } = plan.devstack;
    if (compute && tunnelEndpoint) {
      await progress.step(`tunnels from ${tunnelEndpoint.address} to ${tunnelEndpoint.peer}`, () =>
        joinEndpoints([
          { host: devstack, endpoint: tunnelEndpoint },
          { host: rack, endpoint: compute.endpoint, namespace: compute.name },
        ]),
      );
    }
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return { ...lab, wiring, devstack, rack };
}

/** Steps until a signal is aborted: then none begins, and none is told as done any more. */
function untilAborted(progress: Progress, signal: AbortSignal): Progress {
  return {
    note: (text) => progress.note(text),
    step: (name, work) =>
      progress.step(name, async () => {
        signal.throwIfAborted();
        const result = await work();
        signal.throwIfAborted();
        return result;
      }),
  };
}

function named(what: string, domains: readonly Domain[]): string {
  return domains.length === 0 ? what : `${what}: ${domains.map(({ name }) => name).join(', ')}`;
}

async function createHosts(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly devstack: Host; readonly rack: Host }> {
  // libvirt asks QEMU what it can do, which takes a second, and keeps the answer here.
  const capabilities = join(cacheFolder(), 'libvirt');
  makePrivateFolder(capabilities);
  const images = imagesFolder();
  makePrivateFolder(images);
  const create = (name: HostName, sharesUserNamespaceOf?: Host) => {
    signal.throwIfAborted();
    const own = join(folder, name);
    makePrivateFolder(own);
    return createHost({
      name,
      folder: own,
      binds: [
        [capabilities, '/var/cache/libvirt'],
        [dirname(process.execPath), nodeInHost],
        [softwareFolder(), softwareInHost],
        [images, imagesInHost],
      ],
      ...(sharesUserNamespaceOf ? { sharesUserNamespaceOf } : {}),
    });
  };
  if (isRoot()) {
    const [devstack, rack] = await Promise.all([create('devstack'), create('rack')]);
    return { devstack, rack };
  }
  const devstack = await create('devstack');
  return { devstack, rack: await create('rack', devstack) };
}

async function startDomains(host: Host, domains: readonly Domain[], accelerator: Accelerator): Promise<void> {
  return startLibvirtd(
    host,
    Object.fromEntries(domains.map((domain) => [domain.name, domainXml(domain, accelerator)])),
  );
}

interface Machine {
  readonly name: string;
  readonly disk_gib: number;
}

/** Makes the empty disk of each machine: a sparse file, which takes no room until it is written. */
function makeDisks(hostFolder: string, machines: readonly Machine[]): void {
  const folder = join(hostFolder, 'disks');
  makePrivateFolder(folder);
  for (const { name, disk_gib } of machines) {
    const image = join(folder, `${name}.img`);
    writeFileSync(image, '', { mode: 0o600 });
    truncateSync(image, disk_gib * 2 ** 30);
  }
}
