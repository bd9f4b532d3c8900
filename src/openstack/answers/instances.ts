import { randomUUID } from 'node:crypto';
import { LabError, messageOf } from '../../errors.ts';
import type { Conductor } from '../../ironic/conductor/conductor.ts';
import { configDrive } from '../../ironic/images/config-drive.ts';
import type { Node } from '../../ironic/node.ts';
import type { Topology } from '../../topology/schema.ts';
import type { CloudInstance } from '../cloud.ts';
import { JsonFile } from './json-file.ts';
import type { Keypairs } from './keypairs.ts';

/** An instance as it was asked for, and the node that was found for it. */
interface InstanceRecord {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly flavor: string;
  readonly network: string;
  readonly key_name: string | null;
  readonly node: string | null;
  readonly fault: string | null;
  readonly created: string;
}

export interface InstanceRequest {
  readonly name: string;
  readonly image: string;
  readonly flavor: string;
  /** The network's name. */
  readonly network: string;
  readonly key_name: string | null;
}

/** Nova's part: finds a node for each instance and has it deployed. */
export class Instances {
  private readonly conductor: Conductor;
  private readonly topology: Topology;
  private readonly keypairs: Keypairs;
  private readonly file: JsonFile<InstanceRecord>;

  constructor(conductor: Conductor, topology: Topology, keypairs: Keypairs, path: string) {
    this.conductor = conductor;
    this.topology = topology;
    this.keypairs = keypairs;
    this.file = new JsonFile(path);
  }

  /** The instances that were booted, and those of nodes that were provisioned without Nova. */
  all(): CloudInstance[] {
    const records = this.file.all();
    const known = new Set(records.map(({ node }) => node));
    const others = this.conductor.store
      .all()
      .filter((node) => node.provision_state !== null && !known.has(node.uuid))
      .map((node) => this.described(recordOf(node), node));
    return [...records.flatMap((record) => this.current(record)), ...others];
  }

  /** @throws LabError `usage` when there is none of that name or UUID, or several of that name */
  get(nameOrId: string): CloudInstance {
    const all = this.all();
    const found = all.filter(({ id, name }) => id === nameOrId || name === nameOrId);
    const [only] = found;
    if (only && found.length === 1) return only;
    const known = all.map(({ name, id }) => `${name} (${id})`).join(', ') || 'none';
    throw new LabError(
      'usage',
      found.length > 1
        ? `several instances are named ${nameOrId}: ${known}`
        : `there is no instance ${nameOrId}; there are: ${known}`,
    );
  }

  /** Boots an instance. One that no node is found for is there all the same, in ERROR, as in Nova. */
  async boot(request: InstanceRequest): Promise<CloudInstance> {
    const key = request.key_name === null ? undefined : this.keypairs.get(request.key_name);
    const id = randomUUID();
    const { node, refusals } = this.schedule(request.network);
    let fault = node ? null : `No valid host was found. ${refusals.join('; ')}`;
    if (node) {
      const drive = configDrive({
        uuid: id,
        hostname: request.name,
        ...(key ? { publicKeys: { [key.name]: key.public_key } } : {}),
      });
      try {
        await this.conductor.provision(node, 'active', {
          image: request.image,
          configdrive: drive,
          timers: {},
        });
      } catch (error) {
        fault = messageOf(error);
      }
    }
    const record: InstanceRecord = {
      ...request,
      id,
      node: node && fault === null ? node.uuid : null,
      fault,
      created: new Date().toISOString(),
    };
    this.file.replace([...this.file.all(), record]);
    return this.described(record, node && this.conductor.store.find(node.uuid));
  }

  /** Takes an instance off its node, and forgets it when that is done. */
  async delete(nameOrId: string): Promise<void> {
    const { id, node: uuid } = this.get(nameOrId);
    const node = uuid === null ? undefined : this.conductor.store.find(uuid);
    if (node && node.provision_state !== null) await this.conductor.provision(node, 'deleted');
    else this.file.replace(this.file.all().filter((record) => record.id !== id));
  }

  /**
   * The first node that can take an instance. Juno's Ironic driver of Nova (nova/virt/ironic/driver.py,
   * _node_resources_unavailable) passes over nodes in maintenance, with an instance, and of unknown power.
   */
  private schedule(network: string): {
    readonly node: Node | undefined;
    readonly refusals: readonly string[];
  } {
    const nodes = this.conductor.store.all();
    const refusals = nodes.flatMap((node) => {
      const reason = reasonAgainst(node, network);
      return reason ? [`${node.name} ${reason}`] : [];
    });
    const node = nodes.find((it) => reasonAgainst(it, network) === undefined);
    return { node, refusals: nodes.length > 0 ? refusals : ['no node is enrolled'] };
  }

  /** A record with the state that its node has now; nothing once the node was torn down. */
  private current(record: InstanceRecord): CloudInstance[] {
    const node = record.node === null ? undefined : this.conductor.store.find(record.node);
    if (record.node !== null && (!node || node.provision_state === null)) {
      this.file.replace(this.file.all().filter(({ id }) => id !== record.id));
      return [];
    }
    return [this.described(record, node)];
  }

  private described(record: InstanceRecord, node: Node | undefined): CloudInstance {
    const { network, ...rest } = record;
    const machine = [...this.topology.vms, ...this.topology.servers].find(({ mac }) => mac === node?.mac);
    return {
      ...rest,
      ...statesOf(record.node === null ? undefined : node),
      fault: record.fault ?? node?.last_error ?? null,
      addresses: machine && record.node !== null ? { [network]: machine.ip } : {},
    };
  }
}

/** What an instance is that `lab boot` or `ironic node-set-provision-state` has put on a node. */
function recordOf(node: Node): InstanceRecord {
  return {
    id: node.uuid,
    name: node.name,
    image: node.instance_info?.image ?? '',
    flavor: 'baremetal',
    network: node.network,
    key_name: null,
    node: node.uuid,
    fault: null,
    created: node.provision_updated_at ?? node.created_at,
  };
}

function reasonAgainst(node: Node, network: string): string | undefined {
  if (node.network !== network) return `is on network ${node.network}`;
  if (node.maintenance) return 'is in maintenance';
  if (node.provision_state !== null) return `is ${node.provision_state}`;
  if (node.power_state === null || node.power_state === 'error') {
    return `has power state ${node.power_state ?? 'None'} (ironic node-set-power-state ${node.uuid} off)`;
  }
  return undefined;
}

function statesOf(node: Node | undefined): Pick<CloudInstance, 'status' | 'task_state' | 'power_state'> {
  const power_state = node?.power_state === 'power on' ? 'Running' : node ? 'Shutdown' : 'NOSTATE';
  switch (node?.provision_state) {
    case undefined:
    case null:
    case 'deploy failed':
    case 'error':
      return { status: 'ERROR', task_state: null, power_state: 'NOSTATE' };
    case 'active':
      return { status: 'ACTIVE', task_state: null, power_state };
    case 'deleting':
      return { status: 'ACTIVE', task_state: 'deleting', power_state };
    case 'rebuild':
      return { status: 'REBUILD', task_state: 'rebuild_spawning', power_state: 'NOSTATE' };
    default:
      return { status: 'BUILD', task_state: 'spawning', power_state: 'NOSTATE' };
  }
}
