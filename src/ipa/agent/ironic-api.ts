import { exchangeJson, type JsonResponse } from './http.ts';
import { type Inventory, inventoryDocument } from './inventory.ts';
import { isObject, type Json, type JsonObject, textOf } from './json.ts';
import type { AgentSettings } from './kernel-arguments.ts';

export const agentVersion = '9.4.0';

const idleMs = 30_000;
/** The API version in which heartbeats carry a token and an agent version, and verify_ca (Ironic's webapi history). */
const tokenVersion = '1.68';

/** What Ironic says in place of a token that it has given once. */
const hiddenToken = '******';

/** What a lookup gave. */
export interface Registration {
  readonly node: JsonObject & { readonly uuid: string };
  /** In ms. */
  readonly heartbeatTimeoutMs: number;
  /** What Ironic must show with each command; none in Juno. */
  readonly agentToken: string | undefined;
}

/** Ironic's side, as the agent needs it. */
export interface IronicApi {
  /** @throws Error that says what was answered; to be tried again */
  lookup(inventory: Inventory): Promise<Registration>;
  /** @throws Error likewise */
  heartbeat(registration: Registration, agentUrl: string): Promise<void>;
}

/** The dialect that the kernel's command line asks for: a driver's name means Juno's. */
export function ironicApi(settings: AgentSettings): IronicApi {
  return settings.driverName ? junoApi(settings, settings.driverName) : currentApi(settings);
}

/** Vendor passthru, as Ironic had it from Juno to Newton. */
function junoApi({ apiUrl, insecure }: AgentSettings, driver: string): IronicApi {
  return {
    async lookup(inventory) {
      const body = { version: '2', inventory: inventoryDocument(inventory) };
      const url = `${apiUrl}/v1/drivers/${driver}/vendor_passthru/lookup`;
      const answer = await exchangeJson(url, { method: 'POST', body, idleMs, insecure });
      const found = expectBody(answer, 200, 'lookup');
      return registration(found, found.heartbeat_timeout, undefined);
    },
    async heartbeat({ node }, agentUrl) {
      const url = `${apiUrl}/v1/nodes/${node.uuid}/vendor_passthru/heartbeat`;
      const answer = await exchangeJson(url, {
        method: 'POST',
        body: { agent_url: agentUrl },
        idleMs,
        insecure,
      });
      expectStatus(answer, 202, 'heartbeat');
    },
  };
}

/** The ramdisk API, as Ironic has it now. */
function currentApi({ apiUrl, insecure, agentToken }: AgentSettings): IronicApi {
  const headers = { 'X-OpenStack-Ironic-API-Version': tokenVersion };
  return {
    async lookup(inventory) {
      const addresses = inventory.interfaces.map(({ mac }) => mac).join(',');
      const url = `${apiUrl}/v1/lookup?addresses=${addresses}`;
      const found = expectBody(await exchangeJson(url, { headers, idleMs, insecure }), 200, 'lookup');
      const config = isObject(found.config) ? found.config : {};
      const given = textOf(config.agent_token);
      const token = agentToken ?? (given === hiddenToken ? undefined : given);
      if (token === undefined && config.agent_token_required === true)
        throw new Error(
          'Ironic has given the token of this node to an agent before, and does not say it again',
        );
      return registration(found, config.heartbeat_timeout, token);
    },
    async heartbeat({ node, agentToken: token }, agentUrl) {
      const url = `${apiUrl}/v1/heartbeat/${node.uuid}`;
      const body = { callback_url: agentUrl, agent_token: token ?? null, agent_version: agentVersion };
      expectStatus(
        await exchangeJson(url, { method: 'POST', headers, body, idleMs, insecure }),
        202,
        'heartbeat',
      );
    },
  };
}

function registration(
  found: JsonObject,
  timeout: Json | undefined,
  agentToken: string | undefined,
): Registration {
  const { node } = found;
  const uuid = isObject(node) ? textOf(node.uuid) : undefined;
  if (!isObject(node) || !uuid) throw new Error('lookup was answered without a node');
  const seconds = typeof timeout === 'number' && timeout > 0 ? timeout : 300;
  return { node: { ...node, uuid }, heartbeatTimeoutMs: seconds * 1000, agentToken };
}

function expectBody(answer: JsonResponse, status: number, what: string): JsonObject {
  expectStatus(answer, status, what);
  if (!isObject(answer.body)) throw new Error(`${what} was answered without a JSON object`);
  return answer.body;
}

function expectStatus(answer: JsonResponse, status: number, what: string): void {
  if (answer.status !== status)
    throw new Error(`${what} was answered with HTTP ${answer.status}: ${answer.text.trim().slice(0, 200)}`);
}
