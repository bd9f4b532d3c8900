import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { startAgent } from '../../../src/ipa/agent/agent.ts';
import { exchangeJson, parseJson } from '../../../src/ipa/agent/http.ts';
import { isObject, type Json, type JsonObject } from '../../../src/ipa/agent/json.ts';
import type { Machine } from '../../../src/ipa/agent/machine.ts';
import { waitFor } from '../../../src/wait.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly version: string | undefined;
  /** X-Auth-Token. */
  readonly token: string | undefined;
  readonly body: Json | undefined;
}

export type Answer = readonly [status: number, body?: Json];

/** Ironic's end of the agent's conversations: it notes what it is asked and answers as it is told. */
export async function listenAsIronic(answer: (asked: Asked, count: number) => Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      version: request.headers['x-openstack-ironic-api-version']?.toString(),
      token: request.headers['x-auth-token']?.toString(),
      body: parseJson(Buffer.concat(chunks).toString()),
    };
    asked.push(one);
    const [status, body] = answer(one, asked.length);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const until = (what: string, count: number) =>
    waitFor(what, () => asked.filter(({ path }) => path.includes(what))[count - 1], { timeoutMs: 10_000 });
  return { url, asked, until };
}

/** A machine that has one disk, a file, and notes what becomes of it, and the tokens it is to keep. */
export function machineWith(disk: string, size: number) {
  const happened: string[] = [];
  const tokens: string[] = [];
  const one = { name: disk, size, model: '', vendor: '', serial: '', wwn: '', rotational: false };
  const machine: Machine = {
    disks: () => [one],
    powerOff: () => void happened.push('power off'),
    reboot: () => void happened.push('reboot'),
    collectLogs: async () => Buffer.from('logs'),
    startRescue: (hash) => void happened.push(`rescue ${hash}`),
    keepToken: (token) => void tokens.push(token),
    hashPassword: async (password) => `hash of ${password}`,
  };
  return { machine, happened, tokens };
}

/** Starts an agent that ends with the test, and speaks to it as Ironic does. */
export async function runAgent(apiUrl: string, machine: Machine, driverName?: string, agentToken?: string) {
  const settings = { apiUrl, driverName, rootDevice: undefined, insecure: false, agentToken };
  const agent = await startAgent(settings, machine, { port: 0 });
  onTestFinished(() => agent.stop());
  const url = `http://127.0.0.1:${agent.port}/v1`;
  const get = (path: string) => exchangeJson(`${url}${path}`, { idleMs: 10_000 });
  const order = (name: string, params: JsonObject, query = 'wait=true') =>
    exchangeJson(`${url}/commands/?${query}`, { method: 'POST', body: { name, params }, idleMs: 10_000 });
  const last = async () => {
    const { body } = await get('/commands/');
    const list = isObject(body) && Array.isArray(body.commands) ? (body.commands as JsonObject[]) : [];
    return list.at(-1);
  };
  return { get, order, last, url };
}
