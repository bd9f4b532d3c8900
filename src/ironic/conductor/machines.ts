import { LabError, messageOf } from '../../errors.ts';
import type { BootDevice } from '../drivers/interfaces.ts';
import type { Node } from '../node.ts';
import type { PowerState } from '../states.ts';
import type { Conductor } from './conductor.ts';
import type { NodeLocks } from './locks.ts';

/** Power and boot device of the machines behind the nodes, through the driver of each. */
export class Machines {
  private readonly conductor: Conductor;
  private readonly locks: NodeLocks;
  private readonly log: (line: string) => void;

  constructor(conductor: Conductor, locks: NodeLocks, log: (line: string) => void) {
    this.conductor = conductor;
    this.locks = locks;
    this.log = log;
  }

  /**
   * Does what a user asks for. A node that has that power already is commanded nothing (ironic/conductor/utils.py,
   * node_power_action).
   *
   * @throws NodeLocked when another task has the node, LabError when the power does not come about
   */
  async setPower(node: Node, target: 'power on' | 'power off' | 'reboot'): Promise<Node> {
    this.conductor.driverOf(node).power.validate(node);
    return this.locks.hold(node, `a change of power to ${target}`, async () => {
      if (target === 'reboot') {
        await this.changePower(node, 'power off');
        return this.changePower(node, 'power on');
      }
      const seen = await this.readPower(node);
      return seen === target ? this.conductor.current(node) : this.changePower(node, target);
    });
  }

  /** Changes a node's power; the caller holds its lock. What comes about, or not, is saved. */
  async changePower(node: Node, target: 'power on' | 'power off'): Promise<Node> {
    const { conductor } = this;
    conductor.update(node, { target_power_state: target });
    try {
      if (target === 'power on') await conductor.consoles.start(conductor.current(node));
      await conductor.driverOf(node).power.setPowerState(conductor.current(node), target);
      return conductor.update(node, { power_state: target, target_power_state: null });
    } catch (error) {
      conductor.update(node, {
        power_state: 'error',
        target_power_state: null,
        last_error: `cannot set node ${node.name} to "${target}": ${messageOf(error)}`,
      });
      throw error;
    }
  }

  /** Reads the power of each node that nobody works on. */
  async syncPower(): Promise<void> {
    await Promise.all(
      this.conductor.store
        .all()
        .filter((node) => !this.locks.holder(node.uuid))
        .map((node) =>
          this.locks.wait(node, 'a reading of its power', () => this.readPower(node), { isBrief: true }),
        ),
    );
  }

  private async readPower(node: Node): Promise<PowerState> {
    const { conductor } = this;
    let power_state: PowerState;
    try {
      power_state = await conductor.driverOf(node).power.getPowerState(node);
    } catch (error) {
      this.log(`${node.name}: cannot read its power: ${messageOf(error)}`);
      power_state = null;
    }
    if (power_state !== conductor.current(node).power_state) conductor.update(node, { power_state });
    return power_state;
  }

  /** @throws LabError `usage` for a device that the node's driver cannot set */
  async setBootDevice(node: Node, device: BootDevice, persistent: boolean): Promise<void> {
    const { management } = this.conductor.driverOf(node);
    if (!management.bootDevices.includes(device)) {
      throw new LabError('usage', `driver ${node.driver} cannot boot a node from ${device}`, {
        remedy: `one of ${management.bootDevices.join(', ')}`,
      });
    }
    await this.locks.hold(node, 'a change of its boot device', () =>
      management.setBootDevice(node, device, persistent),
    );
  }

  async getBootDevice(
    node: Node,
  ): Promise<{ readonly device: BootDevice | null; readonly persistent: boolean }> {
    return this.conductor.driverOf(node).management.getBootDevice(node);
  }
}
