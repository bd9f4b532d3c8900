import { programInHost } from '../../lab/software.ts';
import type { Conductor } from '../conductor/conductor.ts';
import { agentDeploy } from '../deploy/agent.ts';
import type { BootEnvironment } from '../deploy/boot-environment.ts';
import { pxeDeploy } from '../deploy/pxe.ts';
import { rescueByRamdisk } from '../deploy/rescue.ts';
import { type IpmiSettings, ipmitoolReach } from '../ipmitool.ts';
import { nativeManagement, nativePower } from '../native-ipmi.ts';
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

/** Native IPMI has serial over LAN through the lab's own client. */
const byNativeIpmi: Reach = {
  power: nativePower,
  management: nativeManagement,
  console: {
    command: ({ driver_info }) => [
      ...programInHost('lab'),
      'ipmi',
      'sol',
      ...['--address', driver_info.ipmi_address ?? ''],
      ...['--port', String(driver_info.ipmi_port ?? 623)],
      ...['--user', driver_info.ipmi_username ?? ''],
      ...['--password-file', driver_info.ipmi_password_file ?? ''],
    ],
  },
};

/** The drivers that work, each composed of a way to reach the node and a way to deploy it. */
export function composeDrivers(
  conductor: Conductor,
  environment: BootEnvironment,
  ipmi: IpmiSettings,
): DriverTable {
  const pxe = pxeDeploy(conductor, environment);
  const agent = agentDeploy(conductor, environment);
  const rescue = rescueByRamdisk(conductor, environment);
  const driver = (reach: Reach, way: typeof pxe): Driver => ({ ...reach, ...way, rescue });
  const byIpmitool = ipmitoolReach(ipmi);
  return new DriverTable({
    pxe_ssh: driver(bySsh, pxe),
    agent_ssh: driver(bySsh, agent),
    pxe_ipmitool: driver(byIpmitool, pxe),
    agent_ipmitool: driver(byIpmitool, agent),
    pxe_ipminative: driver(byNativeIpmi, pxe),
    agent_pyghmi: driver(byNativeIpmi, agent),
  });
}
