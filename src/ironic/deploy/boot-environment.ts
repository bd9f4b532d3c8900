import { LabError } from '../../errors.ts';
import { type ServiceAddress, serviceAddress } from '../../neutron/service-address.ts';
import type { Topology } from '../../topology/schema.ts';
import { networkOf, type Ports } from '../conductor/dhcp.ts';
import type { Node } from '../node.ts';
import { bootOptions } from '../pxe/dhcp-options.ts';
import type { BootConfiguration } from '../pxe/templates.ts';
import { placeFile, removeTree, writeBootConfiguration } from '../pxe/tree.ts';
import { servicePorts } from '../service-ports.ts';
import type { ImageFiles } from './image-files.ts';

/**
 * What every node's kernel is told: a serial console, nothing on the screen, and to be quiet: each line on an emulated
 * serial port costs a millisecond, and a boot prints hundreds. Its self-tests of every cipher (`cryptomgr.notests`)
 * are half of what an emulated processor does until /init.
 */
export const consoleArguments = 'console=ttyS0,115200 nofb nomodeset quiet cryptomgr.notests';

/** What a node boots from over the network: TFTP tree, HTTP, DHCP options. */
export class BootEnvironment {
  readonly images: ImageFiles;
  private readonly topology: Topology;
  private readonly ports: Ports;

  constructor(topology: Topology, ports: Ports, images: ImageFiles) {
    this.topology = topology;
    this.ports = ports;
    this.images = images;
  }

  /** The conductor's address for a node. @throws LabError when its network leads nowhere */
  address(node: Node): ServiceAddress {
    const found = serviceAddress(this.topology, networkOf(this.topology, node));
    if (found) return found;
    throw new LabError(
      'lab-failed',
      `nodes on network ${node.network} cannot reach the conductor: it is a VLAN network without a router`,
      { remedy: 'give the topology a router and an external_network, or use a flat network' },
    );
  }

  apiUrl(node: Node): string {
    return `http://${this.address(node).ip}:${servicePorts.api}`;
  }

  httpRoot(node: Node): string {
    return `http://${this.address(node).ip}:${servicePorts.http}`;
  }

  /** Lays out a node's files and has DHCP point to them. */
  async offer(
    node: Node,
    files: Readonly<Record<string, string>>,
    configuration: BootConfiguration,
  ): Promise<void> {
    for (const [name, source] of Object.entries(files)) placeFile(node, name, this.images.path(source));
    this.configure(node, configuration);
    const script =
      node.instance_info?.bootInterface === 'pxe'
        ? undefined
        : `${this.httpRoot(node)}/${node.uuid}/boot.ipxe`;
    await this.ports.set(node, bootOptions(this.address(node).ip, script));
  }

  /** Changes what a node boots the next time. */
  configure(node: Node, configuration: BootConfiguration): void {
    writeBootConfiguration(node, configuration, this.httpRoot(node));
  }

  /** Takes away all that `offer` made. */
  async withdraw(node: Node): Promise<void> {
    removeTree(node);
    await this.ports.set(node, []);
  }
}
