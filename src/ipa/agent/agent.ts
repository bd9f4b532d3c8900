import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { waitFor } from '../../wait.ts';
import { agentPort, createApiServer } from './api-server.ts';
import { Commands } from './commands.ts';
import { extensions } from './extensions.ts';
import { Heartbeater } from './heartbeat.ts';
import { readInventory } from './inventory.ts';
import { ironicApi, type Registration } from './ironic-api.ts';
import type { AgentSettings } from './kernel-arguments.ts';
import { log } from './log.ts';
import type { Machine, NodeContext } from './machine.ts';

const networkMs = 120_000;
const lookupMs = 300_000;
const lookupPauseMs = 1000;
const farewellMs = 5000;
const sendingMs = 300;

export interface RunningAgent {
  readonly port: number;
  stop(): Promise<void>;
}

export interface AgentOptions {
  /** Default 9999; 0 for any free one. */
  readonly port?: number;
  /** Where sys and proc are read. */
  readonly root?: string;
}

/**
 * Finds the node that this machine is, listens for Ironic's commands, and tells Ironic where.
 *
 * @throws LabError when no address or no node is found in time; the ramdisk's init then starts the agent anew
 */
export async function startAgent(
  settings: AgentSettings,
  machine: Machine,
  options: AgentOptions = {},
): Promise<RunningAgent> {
  const startedAt = Date.now() / 1000;
  const address = await sourceAddress(settings.apiUrl);
  log(`this machine is ${address} to ${settings.apiUrl}`);
  const api = ironicApi(settings);
  const registration = await lookUp(() => api.lookup(readInventory(options.root)));
  log(`this machine is node ${registration.node.uuid}`);
  if (registration.agentToken) machine.keepToken(registration.agentToken);
  const context: NodeContext = {
    machine,
    rootDeviceHint: settings.rootDevice,
    insecure: settings.insecure,
    node: registration.node,
    afterAnswers: (act) => void noConnections(server).then(act),
  };
  const commands = new Commands(extensions(context), () => heartbeater.force());
  const server = createApiServer({ commands, startedAt, token: () => registration.agentToken });
  const port = await listen(server, options.port ?? agentPort);
  const agentUrl = `http://${address}:${port}`;
  log(`listening on ${agentUrl}`);
  const heartbeater = new Heartbeater(
    () => api.heartbeat(registration, agentUrl),
    registration.heartbeatTimeoutMs,
  );
  heartbeater.force();
  return {
    port,
    async stop() {
      heartbeater.stop();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Asking for a route is dear on an emulated processor while there is no address at all. */
function hasAddress(hostname: string): boolean {
  const isLocal = hostname === 'localhost' || hostname.startsWith('127.');
  return (
    isLocal || Object.values(networkInterfaces()).some((each) => each?.some(({ internal }) => !internal))
  );
}

async function lookUp(attempt: () => Promise<Registration>): Promise<Registration> {
  let lastSeen = 'no answer';
  let next = 0;
  return waitFor(
    'Ironic to know this machine',
    async () => {
      if (performance.now() < next) return undefined;
      next = performance.now() + lookupPauseMs;
      try {
        return await attempt();
      } catch (error) {
        const seen = error instanceof Error ? error.message : String(error);
        if (seen !== lastSeen) log(`lookup: ${seen}`);
        lastSeen = seen;
        return undefined;
      }
    },
    { timeoutMs: lookupMs, lastSeen: () => lastSeen },
  );
}

/** The address that this machine has towards a URL: the kernel chooses it when a UDP socket is connected. */
async function sourceAddress(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  let lastSeen = '';
  return waitFor(
    `a route to ${hostname}`,
    async () => {
      if (!hasAddress(hostname)) return undefined;
      const socket = createSocket(hostname.startsWith('[') ? 'udp6' : 'udp4');
      try {
        socket.connect(Number(port) || (protocol === 'https:' ? 443 : 80), hostname.replace(/^\[|\]$/g, ''));
        await once(socket, 'connect');
        return socket.address().address;
      } catch (error) {
        lastSeen = error instanceof Error ? error.message : String(error);
        return undefined;
      } finally {
        socket.close();
      }
    },
    { timeoutMs: networkMs, lastSeen: () => lastSeen },
  );
}

/** Waits until every answer has been taken, or given up. */
async function noConnections(server: Server): Promise<void> {
  const count = () =>
    new Promise<number>((resolve) => server.getConnections((_, connections) => resolve(connections)));
  const quiet = waitFor(
    'Ironic to take its answers',
    async () => ((await count()) === 0 ? true : undefined),
    {
      timeoutMs: farewellMs,
    },
  );
  await quiet.catch(() => undefined);
  // They are the kernel's now, and a machine that is off sends no more.
  await new Promise((resolve) => setTimeout(resolve, sendingMs));
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
