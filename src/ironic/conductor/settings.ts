import type { Topology } from '../../topology/schema.ts';
import type { IpmiSettings } from '../ipmitool.ts';

/** The conductor's timers in ms; the defaults are Juno's (ironic.conf of 2014.2.1). */
export interface Timers {
  /** How long a ramdisk may take to call back (deploy_callback_timeout). */
  readonly callbackTimeoutMs: number;
  /** How often that is checked (check_provision_state_interval). */
  readonly callbackCheckMs: number;
  /** How often every node's power is read (sync_power_state_interval). */
  readonly powerSyncMs: number;
  /** How long an agent may be silent (agent.heartbeat_timeout). */
  readonly heartbeatTimeoutMs: number;
}

/** The timers that a single deployment may have of its own. */
export type DeployTimers = Partial<Pick<Timers, 'callbackTimeoutMs' | 'heartbeatTimeoutMs'>> & {
  /** How long a BMC is asked, and how long a commanded power state may take (ipmi.retry_timeout). */
  readonly powerTimeoutMs?: number;
};

export const junoTimers: Timers = {
  callbackTimeoutMs: 1_800_000,
  callbackCheckMs: 60_000,
  powerSyncMs: 60_000,
  heartbeatTimeoutMs: 300_000,
};

/** What a conductor is started with. Paths are devstack's. */
export interface ConductorSettings {
  readonly topology: Topology;
  /** The nodes' store. */
  readonly nodesFolder: string;
  /** The images, one folder each. */
  readonly imagesFolder: string;
  /** Where the API listens for the lab's own commands. */
  readonly socket: string;
  readonly ipmi: IpmiSettings;
  readonly timers: Timers;
}
