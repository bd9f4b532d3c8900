import { LabError, messageOf } from '../../errors.ts';
import type { Driver } from '../drivers/interfaces.ts';
import type { DriverTable } from '../drivers/table.ts';
import type { InstanceInfo, Node } from '../node.ts';
import { allowedEvents, type ProvisionEvent, type ProvisionVerb, transition } from '../states.ts';
import { enrolledNode } from './enroll.ts';
import { type PhaseName, phasesSincePowerOn, poweredOnAt, withPhase } from './events.ts';
import { NodeLocks } from './locks.ts';
import { Machines } from './machines.ts';
import type { Timers } from './settings.ts';
import { silenceOf } from './silence.ts';
import type { NodeStore } from './store.ts';

/** Records consoles: from the node's power on, until somebody wants the console. */
export interface ConsoleRecorder {
  start(node: Node): Promise<void>;
  stop(node: Node): Promise<void>;
}

/** Works on nodes: one task a node at a time, every step saved before the next (ironic/conductor/manager.py). */
export class Conductor {
  readonly store: NodeStore;
  readonly consoles: ConsoleRecorder;
  /** The nodes' power and boot devices. */
  readonly machines: Machines;
  private readonly drivers: DriverTable;
  private readonly timers: Timers;
  private readonly networks: readonly string[];
  private readonly locks = new NodeLocks();
  private readonly log: (line: string) => void;
  private readonly servingSince: () => string | null;
  private readonly intervals: NodeJS.Timeout[] = [];

  constructor(parts: {
    readonly store: NodeStore;
    readonly timers: Timers;
    /** The networks that nodes may be on. */
    readonly networks: readonly string[];
    /** Records the consoles of nodes that nobody else records. */
    readonly consoles: ConsoleRecorder;
    readonly log: (line: string) => void;
    /** Since when nodes are served the files they boot from, ISO 8601; null while they are not. */
    readonly servingSince: () => string | null;
    /** Makes the drivers, which know their conductor. */
    readonly drivers: (keeper: Conductor) => DriverTable;
  }) {
    this.store = parts.store;
    this.timers = parts.timers;
    this.networks = parts.networks;
    this.consoles = parts.consoles;
    this.log = parts.log;
    this.servingSince = parts.servingSince;
    this.drivers = parts.drivers(this);
    this.machines = new Machines(this, this.locks, this.log);
  }

  /** Takes up what an earlier conductor left, and starts the timers. */
  start(): void {
    for (const node of this.store.all()) this.takeUp(node);
    this.every(this.timers.callbackCheckMs, () => this.checkCallbacks());
    this.every(this.timers.powerSyncMs, () => this.machines.syncPower());
    void this.machines.syncPower();
  }

  stop(): void {
    for (const interval of this.intervals) clearInterval(interval);
  }

  private every(ms: number, work: () => unknown): void {
    this.intervals.push(setInterval(work, ms).unref());
  }

  /** The node as it is now. */
  current(node: Node): Node {
    return this.store.get(node.uuid);
  }

  /** Saves a change of a node. */
  update(node: Node, change: Partial<Node>): Node {
    return this.store.save({ ...this.current(node), ...change });
  }

  /** Notes that a phase of a provisioning was seen. */
  phase(node: Node, name: PhaseName, detail?: string, when?: Date): void {
    this.store.save(withPhase(this.current(node), name, detail, when));
    this.log(`${node.name}: ${name}${detail ? ` (${detail})` : ''}`);
  }

  driverOf(node: Node): Driver {
    return this.drivers.get(node.driver);
  }

  /** Adds a node, or changes an enrolled one that has no instance. @throws LabError `usage` when something is missing */
  enroll(body: Readonly<Record<string, unknown>>): Node {
    const wanted = enrolledNode(body, this.store.all(), this.networks);
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
      await this.consoles.stop(node);
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

  /** Changes a node's power; the caller holds its lock. What comes about, or not, is saved. */
  power(node: Node, target: 'power on' | 'power off'): Promise<Node> {
    return this.machines.changePower(node, target);
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
      const silence = silenceOf(node, this.timersOf(node), this.servingSince() !== null);
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

  /** Takes up a deployment that an earlier conductor was killed in, where it can, or does the step again. */
  private takeUp(node: Node): void {
    switch (node.provision_state) {
      case 'deleting':
        void this.locks.hold(node, 'its tear-down', () => this.tearDown(node));
        return;
      case 'wait call-back':
        this.goOn(node, 'its deployment', async (now) => {
          if (await this.driverOf(now).deploy.resumeWaiting(now)) return;
          // It boots from others than the conductor, and its ramdisk calls until it is answered.
          const served = this.servingSince();
          if (phasesSincePowerOn(now).includes('ramdisk') || (served && served <= poweredOnAt(now))) return;
          // Its firmware may have found nobody to boot from, and have booted what is on its disk.
          this.move(now, 'resume');
          await this.deploy(now);
        });
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
