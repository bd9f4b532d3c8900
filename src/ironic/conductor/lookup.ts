import { randomBytes } from 'node:crypto';
import { LabError } from '../../errors.ts';
import { type Node, publicNode } from '../node.ts';
import { NodeLocked } from './locks.ts';
import type { ApiRequest } from './route.ts';

/** How long an agent may be silent, in seconds; it calls a few times as often. */
function heartbeatTimeout(conductor: ApiRequest['conductor'], node: Node): number {
  return conductor.timersOf(node).heartbeatTimeoutMs / 1000;
}

/** Ends a look-up that finds no node that waits for an agent; Ironic answers 404 without saying which it was. */
function notFound(what: string): LabError {
  return new LabError('usage', `there is no node with ${what}`);
}

/**
 * Juno's look-up (ironic/drivers/modules/agent.py, AgentVendorInterface._lookup): the agent sends its inventory and
 * is told which node it runs on.
 */
export function lookupByInventory({ conductor, body }: ApiRequest): unknown {
  if (String(body.version) !== '2') throw new LabError('usage', 'the look-up is not of version 2');
  const inventory = body.inventory as { interfaces?: { mac_address?: string }[] } | undefined;
  const macs = (inventory?.interfaces ?? []).map(({ mac_address = '' }) => mac_address.toLowerCase());
  const node = conductor.store.findByMac(macs);
  if (!node) throw notFound(`one of the MACs ${macs.join(', ') || 'of an empty inventory'}`);
  return { heartbeat_timeout: heartbeatTimeout(conductor, node), node: publicNode(node) };
}

/**
 * Today's look-up (ironic/api/controllers/v1/ramdisk.py): by MACs in the query. The first answer holds the token that
 * the agent must show from then on; later answers hide it.
 */
export function lookupByAddresses({ conductor, query }: ApiRequest): unknown {
  const addresses = (query.get('addresses') ?? '').toLowerCase().split(',').filter(Boolean);
  const uuid = query.get('node_uuid');
  const node = uuid ? conductor.store.find(uuid) : conductor.store.findByMac(addresses);
  if (!node || !['deploying', 'wait call-back'].includes(String(node.provision_state))) {
    throw notFound(`${uuid ?? addresses.join(', ')} that waits for an agent`);
  }
  const holder = conductor.holder(node);
  if (holder) throw new NodeLocked(node.name, holder);
  return {
    node: publicNode(node),
    config: {
      heartbeat_timeout: heartbeatTimeout(conductor, node),
      agent_token: giveToken(conductor, node),
      agent_token_required: true,
    },
  };
}

function giveToken(conductor: ApiRequest['conductor'], node: Node): string {
  if (node.driver_internal_info.agent_token) return '******';
  const agent_token = randomBytes(32).toString('base64url');
  conductor.update(node, { driver_internal_info: { ...node.driver_internal_info, agent_token } });
  return agent_token;
}

/** Today's heartbeat: as Juno's, but the agent must show its token. */
export async function heartbeat({ conductor, body }: ApiRequest, node: Node): Promise<void> {
  const { agent_token, agent_version, callback_url } = body;
  const known = node.driver_internal_info.agent_token;
  if (known === undefined || agent_token !== known)
    throw new LabError('usage', 'the agent token is missing or wrong');
  if (typeof agent_version !== 'string') throw new LabError('usage', 'a heartbeat lacks agent_version');
  if (typeof callback_url !== 'string') throw new LabError('usage', 'a heartbeat lacks callback_url');
  await conductor.vendorCall(node, 'heartbeat', { agent_url: callback_url });
}
