import type { Conductor } from '../conductor/conductor.ts';
import type { BootDevice } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';

/** Power-cycles a node with a boot device set, every boot from now on. The caller holds its lock. */
export async function bootInto(conductor: Conductor, node: Node, device: BootDevice): Promise<void> {
  const { management } = conductor.driverOf(node);
  await conductor.power(node, 'power off');
  await management.setBootDevice(conductor.current(node), device, true);
  await conductor.power(node, 'power on');
  conductor.phase(node, 'power on', `boots from ${device}`);
}
