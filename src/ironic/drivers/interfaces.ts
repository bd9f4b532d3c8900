import type { Node } from '../node.ts';
import type { PowerState } from '../states.ts';

/*
 * The six interfaces that a driver is composed of (ironic/drivers/base.py, BaseDriver, of 2014.2.1): power and deploy
 * are core, console and management standard, rescue too, vendor is the driver's own.
 */

export type BootDevice = 'pxe' | 'disk' | 'cdrom' | 'bios' | 'safe';

export interface PowerInterface {
  /** @throws LabError `usage` naming what driver_info lacks */
  validate(node: Node): void;
  /** `power on`, `power off`; `error` for an answer that is neither. @throws LabError when the node cannot be asked */
  getPowerState(node: Node): Promise<PowerState>;
  /** Answers when the state has been read back. @throws LabError when it does not come about */
  setPowerState(node: Node, state: 'power on' | 'power off'): Promise<void>;
}

export interface ManagementInterface {
  readonly bootDevices: readonly BootDevice[];
  setBootDevice(node: Node, device: BootDevice, persistent: boolean): Promise<void>;
  getBootDevice(node: Node): Promise<{ readonly device: BootDevice | null; readonly persistent: boolean }>;
}

/** What a deploy comes to when it is started: it waits for the ramdisk's call. */
export type DeployStep = 'wait call-back' | 'done';

export interface DeployInterface {
  validate(node: Node): void;
  /** Makes what the node needs to boot: TFTP tree, DHCP options. */
  prepare(node: Node): Promise<void>;
  /** Boots the node into its ramdisk. */
  deploy(node: Node): Promise<DeployStep>;
  /** Takes up a deployment that a killed conductor was at; false when it has to begin again. */
  resume(node: Node): Promise<boolean>;
  /**
   * Takes up one that waits for its ramdisk, whose call a killed conductor may have answered and no more; false when
   * nothing is known of a call.
   */
  resumeWaiting(node: Node): Promise<boolean>;
  /** Takes the instance off: the power away. */
  tearDown(node: Node): Promise<void>;
  /** Boots what is on the node again after a rescue. */
  bootInstance(node: Node): Promise<void>;
  /** Removes what `prepare` made. */
  cleanUp(node: Node): Promise<void>;
}

export interface ConsoleInterface {
  /** The words of a command that connects its terminal to the node's serial console. */
  command(node: Node): readonly string[];
}

export interface RescueInterface {
  /** Boots the ramdisk with a login on the console. */
  rescue(node: Node): Promise<void>;
  unrescue(node: Node): Promise<void>;
}

/** Methods that a ramdisk calls: `vendor_passthru/<method>`. */
export interface VendorInterface {
  readonly methods: Readonly<
    Record<string, (node: Node, body: Readonly<Record<string, unknown>>) => Promise<unknown>>
  >;
}

export interface Driver {
  readonly power: PowerInterface;
  readonly deploy: DeployInterface;
  readonly console: ConsoleInterface;
  readonly management: ManagementInterface;
  readonly rescue: RescueInterface;
  readonly vendor: VendorInterface;
}
