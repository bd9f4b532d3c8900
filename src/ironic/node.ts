import type { DeployTimers } from './conductor/settings.ts';
import type { PowerState, ProvisionState } from './states.ts';

/** How a node's power is reached, as the driver's interfaces read it (Juno's driver_info). */
export interface DriverInfo {
  readonly ssh_address?: string;
  readonly ssh_username?: string;
  readonly ssh_key_filename?: string;
  readonly ssh_virt_type?: 'virsh';
  readonly ipmi_address?: string;
  readonly ipmi_port?: number;
  readonly ipmi_username?: string;
  /** For a BMC that does not tell which it has, or tells wrongly: ipmitool's -C. */
  readonly ipmi_cipher_suite?: number;
  /** A file with the password: the password itself is in no record. */
  readonly ipmi_password_file?: string;
}

/** What is to be on the node (Juno's instance_info). */
export interface InstanceInfo {
  /** The image's name or file. */
  readonly image: string;
  /** The gzipped, base64 config drive, or null for none. */
  readonly configdrive: string | null;
  /** The MD5 that the image must have, where it is not to be that of the store (Juno's image_checksum). */
  readonly checksum?: string;
  /**
   * What firmware is given to boot: `ipxe`, a script and files by HTTP, or `pxe`, PXELINUX and files by TFTP (today's
   * names; Juno's ipxe_enabled). Default: ipxe.
   */
  readonly bootInterface?: 'pxe' | 'ipxe';
  /** Timers of this deployment that are not the conductor's. */
  readonly timers?: DeployTimers;
}

/** One step of a deploy that was seen, for the time line. Times are ISO 8601. */
export interface Phase {
  readonly name: string;
  readonly at: string;
  readonly detail?: string;
}

/** The address that a node's phases say it was given. */
export function leaseOf(phases: readonly Phase[]): string | null {
  return phases.findLast(({ name }) => name === 'lease')?.detail ?? null;
}

/** A node of the conductor: Juno's Node object with what the lab needs to know of it. */
export interface Node {
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  readonly driver_info: DriverInfo;
  readonly properties: {
    readonly cpus: number;
    readonly memory_mb: number;
    readonly local_gb: number;
    readonly cpu_arch: 'x86_64';
    readonly firmware: 'bios' | 'efi';
  };
  /** The MAC of its one port, and the network and Neutron port it is on. */
  readonly mac: string;
  readonly network: string;
  readonly port_id: string;
  readonly instance_info: InstanceInfo | null;
  readonly power_state: PowerState;
  readonly target_power_state: PowerState;
  readonly provision_state: ProvisionState;
  readonly target_provision_state: ProvisionState;
  readonly last_error: string | null;
  readonly maintenance: boolean;
  /** What the driver remembers between calls: deploy key, agent's address, heartbeat, phases. */
  readonly driver_internal_info: {
    readonly deploy_key?: string;
    readonly agent_url?: string;
    readonly agent_last_heartbeat?: string;
    readonly agent_token?: string;
    readonly root_uuid?: string;
    readonly ramdisk_address?: string;
    readonly rescued?: boolean;
    readonly phases?: readonly Phase[];
  };
  readonly created_at: string;
  readonly updated_at: string;
  readonly provision_updated_at: string | null;
}

/** A node as an answer shows it: nothing in it is secret. */
export function publicNode(node: Node): Record<string, unknown> {
  const { driver_internal_info, instance_info, ...rest } = node;
  const { deploy_key, agent_token, ...known } = driver_internal_info;
  return {
    ...rest,
    // The keys and passwords of its user, and long.
    instance_info: instance_info && {
      ...instance_info,
      configdrive: instance_info.configdrive === null ? null : '******',
    },
    driver_internal_info: {
      ...known,
      ...(deploy_key ? { deploy_key: '******' } : {}),
      ...(agent_token ? { agent_token: '******' } : {}),
    },
  };
}

/** Where the API has a node, or something of it: `states/power`. */
export function nodePath(node: string, rest = ''): string {
  return `/v1/nodes/${encodeURIComponent(node)}${rest ? `/${rest}` : ''}`;
}
