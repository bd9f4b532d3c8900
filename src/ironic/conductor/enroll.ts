import { LabError } from '../../errors.ts';
import { derivedUuid } from '../../topology/ids.ts';
import type { DriverInfo, Node } from '../node.ts';
import type { ProvisionState } from '../states.ts';

const driverInfoKeys = [
  'ssh_address',
  'ssh_username',
  'ssh_key_filename',
  'ssh_virt_type',
  'ipmi_address',
  'ipmi_port',
  'ipmi_username',
  'ipmi_cipher_suite',
  'ipmi_password_file',
] as const satisfies readonly (keyof DriverInfo)[];

/** Available, or failed: then it may be that it was enrolled wrongly. */
const changeable: readonly ProvisionState[] = [null, 'deploy failed', 'error'];

/**
 * A node as it is asked for, in its first state; power unknown until it is read.
 *
 * @throws LabError `usage` for what is missing, wrong, or another node's
 */
export function enrolledNode(
  body: Readonly<Record<string, unknown>>,
  others: readonly Node[],
  networks: readonly string[],
): Node {
  const name = required(body, 'name', /^[A-Za-z0-9][\w.-]{0,62}$/);
  const mac = required(body, 'mac', /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/).toLowerCase();
  const network = required(body, 'network', /./);
  if (!networks.includes(network)) {
    throw new LabError('usage', `there is no network "${network}"`, {
      remedy: `one of ${networks.join(', ')}`,
    });
  }
  const uuid = typeof body.uuid === 'string' ? body.uuid : derivedUuid('node', name, mac);
  const same = others.find((node) => node.uuid === uuid);
  if (same && !changeable.includes(same.provision_state)) {
    throw new LabError('usage', `node ${name} is ${same.provision_state}`, {
      remedy: `lab undeploy ${name} first`,
    });
  }
  const clash = others.find((node) => node.uuid !== uuid && (node.name === name || node.mac === mac));
  if (clash) {
    throw new LabError(
      'usage',
      `node ${clash.name} has the ${clash.name === name ? 'name' : 'MAC'} already`,
      {
        remedy: `lab node delete ${clash.name}, or choose another`,
      },
    );
  }
  const now = new Date().toISOString();
  const properties = (body.properties ?? {}) as Partial<Node['properties']>;
  return {
    uuid,
    name,
    driver: required(body, 'driver', /./),
    driver_info: driverInfo(body.driver_info),
    properties: {
      cpus: Number(properties.cpus ?? 1),
      memory_mb: Number(properties.memory_mb ?? 512),
      local_gb: Number(properties.local_gb ?? 1),
      cpu_arch: 'x86_64',
      firmware: properties.firmware === 'efi' ? 'efi' : 'bios',
    },
    mac,
    network,
    port_id: typeof body.port_id === 'string' ? body.port_id : derivedUuid('port', network, mac),
    instance_info: null,
    power_state: null,
    target_power_state: null,
    provision_state: null,
    target_provision_state: null,
    last_error: null,
    maintenance: false,
    driver_internal_info: {},
    created_at: now,
    updated_at: now,
    provision_updated_at: null,
  };
}

function required(body: Readonly<Record<string, unknown>>, key: string, pattern: RegExp): string {
  const value = body[key];
  if (typeof value === 'string' && pattern.test(value)) return value;
  const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  throw new LabError('usage', `a node's ${key} ${found}: a text that matches ${pattern.source} was expected`);
}

function driverInfo(given: unknown): DriverInfo {
  const info = (given ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(info).find((key) => !(driverInfoKeys as readonly string[]).includes(key));
  if (unknown) {
    throw new LabError('usage', `driver_info has the unknown key "${unknown}"`, {
      remedy: `known are ${driverInfoKeys.join(', ')}`,
    });
  }
  return info as DriverInfo;
}
