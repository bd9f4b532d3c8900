/** What the lab's API tells the clients of nova, neutron and glance, in the names of their Juno APIs. */

export interface CloudNetwork {
  readonly id: string;
  readonly name: string;
  readonly status: 'ACTIVE';
  readonly admin_state_up: true;
  readonly shared: boolean;
  readonly 'router:external': false;
  readonly 'provider:network_type': string;
  readonly 'provider:physical_network': string | null;
  readonly 'provider:segmentation_id': number | null;
  readonly subnets: readonly { readonly id: string; readonly cidr: string }[];
}

export interface CloudPort {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
}

/** Memory in MiB, disk in GiB. */
export interface CloudFlavor {
  readonly id: string;
  readonly name: string;
  readonly ram: number;
  readonly disk: number;
  readonly vcpus: number;
}

/** Size in bytes. */
export interface CloudImage {
  readonly id: string;
  readonly name: string;
  readonly disk_format: string;
  readonly container_format: string;
  readonly size: number;
  readonly status: 'active';
}

export interface CloudKeypair {
  readonly name: string;
  readonly public_key: string;
}

/** An instance as `nova list` and `nova show` tell of it. */
export interface CloudInstance {
  readonly id: string;
  readonly name: string;
  readonly status: 'BUILD' | 'ACTIVE' | 'ERROR' | 'REBUILD';
  /** nova's task_state; null when nothing is under way. */
  readonly task_state: string | null;
  readonly power_state: 'NOSTATE' | 'Running' | 'Shutdown';
  readonly image: string;
  readonly flavor: string;
  readonly key_name: string | null;
  /** Addresses by network. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The UUID of its node; null when no node could be found for it. */
  readonly node: string | null;
  readonly fault: string | null;
  readonly created: string;
}
