import type { Conductor } from '../conductor/conductor.ts';
import { agentDeploy } from '../deploy/agent.ts';
import type { BootEnvironment } from '../deploy/boot-environment.ts';
import { pxeDeploy } from '../deploy/pxe.ts';
import { rescueByRamdisk } from '../deploy/rescue.ts';
import { sshManagement, sshPower } from '../power/ssh.ts';
import type { ConsoleInterface, Driver, ManagementInterface, PowerInterface } from './interfaces.ts';
import { DriverTable } from './table.ts';

/** How a node is reached: its power, its boot device, its console. */
interface Reach {
  readonly power: PowerInterface;
  readonly management: ManagementInterface;
  readonly console: ConsoleInterface;
}

const bySsh: Reach = {
  power: sshPower,
  management: sshManagement,
  console: {
    command: (node) => ['virsh', '--connect', 'qemu:///system', 'console', '--force', node.uuid],
  },
};

/** The drivers that work, each composed of a way to reach the node and a way to deploy it. */
export function composeDrivers(conductor: Conductor, environment: BootEnvironment): DriverTable {
  const pxe = pxeDeploy(conductor, environment);
  const agent = agentDeploy(conductor, environment);
  const rescue = rescueByRamdisk(conductor, environment);
  const driver = (reach: Reach, way: typeof pxe): Driver => ({ ...reach, ...way, rescue });
  return new DriverTable({
    pxe_ssh: driver(bySsh, pxe),
    agent_ssh: driver(bySsh, agent),
  });
}
