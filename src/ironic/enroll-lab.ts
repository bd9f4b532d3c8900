import { existsSync, readFileSync } from 'node:fs';
import { bmcPasswordFile } from '../lab/build-bmcs.ts';
import { writeFileAtomic } from '../linux/files.ts';
import { nodeId, portId } from '../topology/ids.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { ExternalServer, ServerWithBmc, Topology } from '../topology/schema.ts';
import type { Conductor } from './conductor/conductor.ts';

/** What each machine of a topology is enrolled as when the conductor starts: VMs with pxe_ssh, servers with a BMC with agent_ipmitool. */
export function nodesOf(topology: Topology): Record<string, unknown>[] {
  const common = (machine: Topology['vms'][number] | ServerWithBmc) => ({
    uuid: nodeId(topology.name, machine.name),
    name: machine.name,
    mac: machine.mac,
    network: machine.network,
    port_id: portId(topology.name, machine.network, machine.name),
    properties: {
      cpus: machine.cpus,
      memory_mb: machine.memory_mib,
      local_gb: machine.disk_gib,
      firmware: machine.firmware,
    },
  });
  return [
    ...topology.vms.map((vm) => ({
      ...common(vm),
      driver: 'pxe_ssh',
      driver_info: {
        ssh_address: '127.0.0.1',
        ssh_username: 'root',
        ssh_key_filename: '/run/ironic/ssh_key',
        ssh_virt_type: 'virsh',
      },
    })),
    ...serversWithBmc(topology).map((server) => ({
      ...common(server),
      driver: 'agent_ipmitool',
      driver_info: {
        ipmi_address: server.bmc.ip,
        ipmi_port: 623,
        ipmi_username: server.bmc.username,
        ...(server.kind === 'external' ? outsideBmc(server.bmc) : {}),
        ipmi_password_file: bmcPasswordFile(server.name),
      },
    })),
  ];
}

/** What is to be known of a BMC that is not the lab's. */
function outsideBmc({ port, cipher_suite }: NonNullable<ExternalServer['bmc']>) {
  return { ipmi_port: port, ...(cipher_suite === null ? {} : { ipmi_cipher_suite: cipher_suite }) };
}

/** Which machines were enrolled once, so that one that is forgotten stays so: in devstack, with which it ends. */
const enrolledFile = '/run/ironic/enrolled.json';

/** Enrolls the machines of a lab's topology, each once. */
export function enrollOnce(conductor: Conductor, topology: Topology): void {
  const before: string[] = existsSync(enrolledFile) ? JSON.parse(readFileSync(enrolledFile, 'utf8')) : [];
  const fresh = nodesOf(topology).filter(({ uuid }) => !before.includes(String(uuid)));
  for (const node of fresh) if (!conductor.store.find(String(node.uuid))) conductor.enroll(node);
  writeFileAtomic(enrolledFile, JSON.stringify([...before, ...fresh.map(({ uuid }) => uuid)]));
}
