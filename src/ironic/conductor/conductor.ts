import { LabError, messageOf } from '../../errors.ts';
import type { BootDevice, Driver } from '../drivers/interfaces.ts';
import type { DriverTable } from '../drivers/table.ts';
import type { InstanceInfo, Node } from '../node.ts';
import {
  allowedEvents,
  type PowerState,
  type ProvisionEvent,
  type ProvisionVerb,
  transition,
} from '../states.ts';
import { enrolledNode } from './enroll.ts';
import { type PhaseName, withPhase } from './events.ts';
import { NodeLocks } from './locks.ts';
import type { Timers } from './settings.ts';
import type { NodeStore } from './store.ts';

/** What drivers may ask of the conductor about a node that they hold. */
export interface NodeKeeper {
  /** The node as it is now. */
  current(node: Node): Node;
  /** Saves a change of a node. */
  update(node: Node, change: Partial<Node>): Node;
  /** Notes that a phase of a provisioning was seen. */
  phase(node: Node, name: PhaseName, detail?: string): void;
}

/** Works on nodes: one task a node at a time, every step saved before the next (ironic/conductor/manager.py). */
export class Conductor implements NodeKeeper {
  readonly store: NodeStore;
  private readonly drivers: DriverTable;
  private readonly timers: Timers;
  private readonly locks = new NodeLocks();
  private readonly log: (line: string) => void;
  private readonly intervals: NodeJS.Timeout[] = [];

  constructor(parts: {
    readonly store: NodeStore;
    readonly timers: Timers;
    readonly log: (line: string) => void;
    /** Makes the drivers, which know their conductor. */
    readonly drivers: (keeper: Conductor) => DriverTable;
  }) {
    this.store = parts.store;
    this.timers = parts.timers;
    this.log = parts.log;
    this.drivers = parts.drivers(this);
  }

  /** Takes up what an earlier conductor left, and starts the timers. */
  start(): void {
    for (const node of this.store.all()) this.takeUp(node);
    this.every(this.timers.callbackCheckMs, () => this.checkCallbacks());
    this.every(this.timers.powerSyncMs, () => this.syncPower());
    void this.syncPower();
  }

  stop(): void {
    for (const interval of this.intervals) clearInterval(interval);
  }

  private every(ms: number, work: () => unknown): void {
    this.intervals.push(setInterval(work, ms).unref());
  }

  current(node: Node): Node {
    return this.store.get(node.uuid);
  }

  update(node: Node, change: Partial<Node>): Node {
    return this.store.save({ ...this.current(node), ...change });
  }

  phase(node: Node, name: PhaseName, detail?: string): void {
    this.store.save(withPhase(this.current(node), name, detail));
    this.log(`${node.name}: ${name}${detail ? ` (${detail})` : ''}`);
  }

  driverOf(node: Node): Driver {
    return this.drivers.get(node.driver);
  }

  /** Adds a node, or changes an enrolled one that has no instance. @throws LabError `usage` when something is missing */
  enroll(body: Readonly<Record<string, unknown>>): Node {
    const wanted = enrolledNode(body, this.store.all());
    this.drivers.get(wanted.driver);
    return this.store.save(wanted);
  }

  /** Forgets a node. @throws LabError `usage` while it has an instance */
  async remove(node: Node): Promise<void> {
    await this.locks.hold(node, 'its deletion', async () => {
      if (this.current(node).provision_state !== null) {
        throw new LabError('usage', `node ${node.name} is ${node.provision_state}`, {
          remedy: `lab undeploy ${node.name} first`,
        });
      }
      this.store.delete(node.uuid);
    });
  }

  /** Boots a node into the ramdisk with a login, or back. */
  async rescue(node: Node, target: 'rescue' | 'unrescue'): Promise<Node> {
    const { provision_state } = this.current(node);
    if (provision_state !== null && provision_state !== 'active' && provision_state !== 'deploy failed') {
      throw new LabError('usage', `node ${node.name} is ${provision_state}: it cannot be rescued now`);
    }
    return this.locks.hold(node, `its ${target}`, async () => {
      const { rescue } = this.driverOf(node);
      await rescue[target](this.current(node));
      const { driver_internal_info } = this.current(node);
      return this.update(node, {
        driver_internal_info: { ...driver_internal_info, rescued: target === 'rescue' },
      });
    });
  }

  /** What is under way on a node. */
  holder(node: Node): string | undefined {
    return this.locks.holder(node.uuid);
  }

  // Power and management.

  async setPower(node: Node, target: 'power on' | 'power off' | 'reboot'): Promise<Node> {
    const { power } = this.driverOf(node);
    power.validate(node);
    return this.locks.hold(node, `a change of power to ${target}`, async () => {
      if (target === 'reboot') {
        await this.power(node, 'power off');
        return this.power(node, 'power on');
      }
      return this.power(node, target);
    });
  }

  /** Changes a node's power; the caller holds its lock. What comes about, or not, is saved. */
  async power(node: Node, target: 'power on' | 'power off'): Promise<Node> {
    this.update(node, { target_power_state: target });
    try {
      await this.driverOf(node).power.setPowerState(this.current(node), target);
      return this.update(node, { power_state: target, target_power_state: null });
    } catch (error) {
      this.update(node, {
        power_state: 'error',
        target_power_state: null,
        last_error: `cannot set node ${node.name} to "${target}": ${messageOf(error)}`,
      });
      throw error;
    }
  }

  async setBootDevice(node: Node, device: BootDevice, persistent: boolean): Promise<void> {
    const { management } = this.driverOf(node);
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
    return this.driverOf(node).management.getBootDevice(node);
  }

  async readPower(node: Node): Promise<Node> {
    return this.locks.wait(node, 'a reading of its power', () => this.readPowerHeld(node));
  }

  private async readPowerHeld(node: Node): Promise<Node> {
    let power_state: PowerState;
    try {
      power_state = await this.driverOf(node).power.getPowerState(node);
    } catch (error) {
      this.log(`${node.name}: cannot read its power: ${messageOf(error)}`);
      power_state = null;
    }
    const { power_state: before } = this.current(node);
    return power_state === before ? this.current(node) : this.update(node, { power_state });
  }

  private async syncPower(): Promise<void> {
    await Promise.all(
      this.store
        .all()
        .filter((node) => !this.locks.holder(node.uuid))
        .map((node) => this.readPower(node)),
    );
  }

  // Provisioning.

  /**
   * Starts what an operator asks for and answers the node as it then is; the rest goes on by itself.
   *
   * @throws LabError `usage` when the node's state does not allow it, NodeLocked when another task has the node
   */
  async provision(node: Node, verb: ProvisionVerb, instance?: InstanceInfo): Promise<Node> {
    const info = instance ?? node.instance_info;
    if (verb !== 'deleted' && !info) throw new LabError('usage', `node ${node.name} has no image to deploy`);
    this.driverOf(node).power.validate(node);
    let started: (node: Node) => void = () => undefined;
    let refused: (error: unknown) => void = () => undefined;
    const begun = new Promise<Node>((resolve, reject) => {
      started = resolve;
      refused = reject;
    });
    void this.locks
      .hold(node, verb === 'deleted' ? 'its tear-down' : 'its deployment', async () => {
        this.move(node, verb, {
          last_error: null,
          ...(verb === 'deleted' ? {} : { instance_info: info, driver_internal_info: {} }),
        });
        started(this.current(node));
        if (verb === 'deleted') await this.tearDown(node);
        else await this.deploy(node);
      })
      .catch(refused);
    return begun;
  }

  /** Changes a node's provision state; the caller holds its lock. */
  move(node: Node, event: ProvisionEvent, change: Partial<Node> = {}): Node {
    const { provision_state: from } = this.current(node);
    const next = transition(from, event);
    if (!next) {
      const allowed = allowedEvents(from).join(', ') || 'nothing';
      throw new LabError('usage', `node ${node.name} is ${from ?? 'available'}: "${event}" is not possible`, {
        remedy: `possible now: ${allowed}`,
      });
    }
    this.log(`${node.name}: ${from ?? 'available'} -> ${next.to ?? 'available'}`);
    return this.update(node, {
      ...change,
      provision_state: next.to,
      target_provision_state: next.target,
      provision_updated_at: new Date().toISOString(),
    });
  }

  /** Prepares and boots a node that is `deploying`; the caller holds its lock. */
  private async deploy(node: Node): Promise<void> {
    const { deploy } = this.driverOf(node);
    try {
      deploy.validate(this.current(node));
      await deploy.prepare(this.current(node));
      const step = await deploy.deploy(this.current(node));
      this.move(node, step === 'done' ? 'done' : 'wait');
    } catch (error) {
      await this.fail(node, error);
    }
  }

  private async tearDown(node: Node): Promise<void> {
    const { deploy } = this.driverOf(node);
    try {
      await deploy.tearDown(this.current(node));
      await deploy.cleanUp(this.current(node));
      this.move(node, 'done', { instance_info: null, driver_internal_info: {} });
    } catch (error) {
      this.move(node, 'fail', { last_error: `tear-down of node ${node.name} failed: ${messageOf(error)}` });
    }
  }

  /** Ends a deployment that cannot succeed: says why, and takes the power away. The caller holds the node's lock. */
  async fail(node: Node, error: unknown): Promise<void> {
    const reason = `deployment of node ${node.name} failed: ${messageOf(error)}`;
    this.phase(node, 'failed', messageOf(error));
    await this.power(node, 'power off').catch(() => undefined);
    await this.driverOf(node)
      .deploy.cleanUp(this.current(node))
      .catch((cause) => this.log(`${node.name}: cannot clean up: ${messageOf(cause)}`));
    // At last: whoever sees the node failed may deploy it again at once.
    this.move(node, 'fail', { last_error: reason });
  }

  /** A ramdisk's call, under the node's lock; its work may go on after the answer. */
  async vendorCall(node: Node, method: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    const call = this.driverOf(node).vendor.methods[method];
    if (!call) throw new LabError('usage', `driver ${node.driver} has no vendor method "${method}"`);
    return this.locks.hold(node, `the ramdisk's ${method}`, () => call(this.current(node), body));
  }

  /** Goes on with a deployment in the background, under the node's lock; an error fails the deployment. */
  goOn(node: Node, what: string, work: (node: Node) => Promise<void>): void {
    void this.locks
      .wait(node, what, async () => {
        try {
          await work(this.current(node));
        } catch (error) {
          await this.fail(node, error);
        }
      })
      .catch((error) => this.log(`${node.name}: ${messageOf(error)}`));
  }

  // What does not come by itself.

  /** Fails deployments whose ramdisk does not call, or whose agent has fallen silent. */
  private checkCallbacks(): void {
    for (const node of this.store.all()) {
      const silence = this.silence(node);
      if (silence && !this.locks.holder(node.uuid)) {
        this.goOn(node, 'its time-out', async (now) => {
          if (now.provision_state !== node.provision_state) return;
          throw new LabError('lab-failed', silence);
        });
      }
    }
  }

  /** The timers that hold for a node's deployment. */
  timersOf({ instance_info }: Node): Timers {
    return { ...this.timers, ...instance_info?.timers };
  }

  /** Why a node has been waited for too long; undefined when it has not. */
  private silence(node: Node): string | undefined {
    const { callbackTimeoutMs, heartbeatTimeoutMs } = this.timersOf(node);
    const since = (time: string | null | undefined) => (time ? Date.now() - Date.parse(time) : 0);
    const { phases = [], agent_last_heartbeat } = node.driver_internal_info;
    const last = phases.at(-1);
    const seen = last
      ? `last seen: ${last.name}${last.detail ? ` (${last.detail})` : ''}`
      : 'nothing was seen of it';
    if (node.provision_state === 'wait call-back' && since(node.provision_updated_at) > callbackTimeoutMs) {
      return `its ramdisk did not call back within ${callbackTimeoutMs / 1000} s; ${seen}${this.neverSeen(node)}`;
    }
    if (node.provision_state === 'deploying' && since(agent_last_heartbeat) > heartbeatTimeoutMs) {
      return `its agent has sent no heartbeat for ${heartbeatTimeoutMs / 1000} s; ${seen}`;
    }
    return undefined;
  }

  /** The first step of a network boot that was not seen, which is where to look. */
  private neverSeen(node: Node): string {
    const phases = (node.driver_internal_info.phases ?? []).map(({ name }) => name);
    const missing = (
      [
        [
          'DISCOVER',
          `no DHCP request of ${node.mac} came to dnsmasq: the network did not let it through, or the node does not boot from it`,
        ],
        ['lease', 'dnsmasq gave it no address'],
        ['bootloader', 'it asked for no boot script'],
        ['kernel', 'it fetched no kernel'],
        ['ramdisk', 'it fetched no ramdisk'],
      ] as const
    ).find(([name]) => !phases.includes(name));
    return missing ? `; ${missing[1]}` : '';
  }

  /** Takes up a deployment that an earlier conductor was killed in, where it can, or does the step again. */
  private takeUp(node: Node): void {
    switch (node.provision_state) {
      case 'deleting':
        void this.locks.hold(node, 'its tear-down', () => this.tearDown(node));
        return;
      case 'deploying': {
        const resume = this.driverOf(node).deploy.resume;
        this.log(`${node.name}: taking up its deployment`);
        this.goOn(node, 'its deployment', async (now) => {
          if (await resume(now)) return;
          await this.deploy(now);
        });
        return;
      }
      default:
        return;
    }
  }
}
