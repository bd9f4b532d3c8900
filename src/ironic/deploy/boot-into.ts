import type { Conductor } from '../conductor/conductor.ts';
import type { BootDevice } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';
import type { BootEnvironment } from './boot-environment.ts';

/** Power-cycles a node with a boot device set, every boot from now on. The caller holds its lock. */
export async function bootInto(conductor: Conductor, node: Node, device: BootDevice): Promise<void> {
  const { management } = conductor.driverOf(node);
  await conductor.power(node, 'power off');
  await management.setBootDevice(conductor.current(node), device, true);
  // Noted as it is commanded: firmware may ask for an address before the power has been read back.
  conductor.phase(node, 'power on', `boots from ${device}`);
  await conductor.power(node, 'power on');
}

/** Boots a node from its own disk, on which its system now is, and ends its deployment. The caller holds its lock. */
export async function bootFromDisk(
  conductor: Conductor,
  environment: BootEnvironment,
  node: Node,
): Promise<void> {
  await bootInto(conductor, node, 'disk');
  await environment.withdraw(node);
  conductor.phase(node, 'first boot');
  conductor.move(node, 'done');
}
