import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LabError, messageOf } from '../../errors.ts';
import type { BootDevice } from '../drivers/interfaces.ts';
import { driverDescriptions } from '../drivers/table.ts';
import { type Node, publicNode } from '../node.ts';
import type { Conductor } from './conductor.ts';
import { NodeLocked } from './locks.ts';
import { heartbeat, lookupByAddresses, lookupByInventory } from './lookup.ts';
import { type ApiRequest, accepted, ok, type Route, text } from './route.ts';
import type { DeployTimers } from './settings.ts';

const maxBodyBytes = 64 * 1024 * 1024;

function nodeOf({ conductor, params }: ApiRequest): Node {
  return conductor.store.get(params.node ?? '');
}

function oneOf<const Values extends readonly string[]>(value: string, values: Values): Values[number] {
  if (values.includes(value)) return value;
  throw new LabError('usage', `"${value}" is not possible`, { remedy: `one of ${values.join(', ')}` });
}

/** The timers that a deployment is to have of its own. @throws LabError `usage` for one that is no time */
function deployTimers(given: unknown): DeployTimers {
  const timers = Object.entries((given ?? {}) as Record<string, unknown>);
  for (const [name, ms] of timers) {
    oneOf(name, ['callbackTimeoutMs', 'heartbeatTimeoutMs', 'powerTimeoutMs']);
    if (typeof ms !== 'number' || !(ms > 0)) throw new LabError('usage', `${name} is no time in ms: ${ms}`);
  }
  return Object.fromEntries(timers);
}

/** What a request may call each change of power. */
const powerTargets = {
  'power on': 'power on',
  on: 'power on',
  'power off': 'power off',
  off: 'power off',
  reboot: 'reboot',
  rebooting: 'reboot',
} as const;

const bootDevices = ['pxe', 'disk', 'cdrom', 'bios', 'safe'] as const satisfies readonly BootDevice[];

/** The API of Ironic as far as the lab has it (Juno's v1, and today's lookup and heartbeat). */
const routes: readonly Route[] = [
  {
    method: 'GET',
    pattern: /^\/$/,
    open: true,
    answer: async () =>
      ok({
        name: 'OpenStack Ironic API',
        default_version: { id: 'v1', version: '1.82', min_version: '1.1', status: 'CURRENT' },
      }),
  },
  {
    method: 'GET',
    pattern: /^\/v1\/nodes$/,
    open: false,
    answer: async ({ conductor }) => ok({ nodes: conductor.store.all().map(publicNode) }),
  },
  {
    method: 'POST',
    pattern: /^\/v1\/nodes$/,
    open: false,
    answer: async ({ conductor, body }) => ({ status: 201, body: publicNode(conductor.enroll(body)) }),
  },
  {
    method: 'GET',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)$/,
    open: false,
    answer: async (request) => ok(publicNode(nodeOf(request))),
  },
  {
    method: 'DELETE',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)$/,
    open: false,
    answer: async (request) => {
      await request.conductor.remove(nodeOf(request));
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/states\/power$/,
    open: false,
    answer: async (request) => {
      const target = oneOf(text(request.body, 'target'), [
        'power on',
        'power off',
        'reboot',
        'rebooting',
        'on',
        'off',
      ]);
      const node = await request.conductor.machines.setPower(nodeOf(request), powerTargets[target]);
      return accepted(publicNode(node));
    },
  },
  {
    method: 'PUT',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/states\/provision$/,
    open: false,
    answer: async (request) => {
      const { body, conductor } = request;
      const verb = oneOf(text(body, 'target'), ['active', 'deleted', 'rebuild']);
      const instance =
        typeof body.image === 'string'
          ? {
              image: body.image,
              configdrive: typeof body.configdrive === 'string' ? body.configdrive : null,
              ...(typeof body.checksum === 'string' ? { checksum: body.checksum } : {}),
              ...(body.boot_interface === undefined
                ? {}
                : { bootInterface: oneOf(text(body, 'boot_interface'), ['pxe', 'ipxe']) }),
              timers: deployTimers(body.timers),
            }
          : undefined;
      return accepted(publicNode(await conductor.provision(nodeOf(request), verb, instance)));
    },
  },
  {
    method: 'PUT',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/states\/rescue$/,
    open: false,
    answer: async (request) => {
      const target = oneOf(text(request.body, 'target'), ['rescue', 'unrescue']);
      return accepted(publicNode(await request.conductor.rescue(nodeOf(request), target)));
    },
  },
  {
    method: 'GET',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/management\/boot_device$/,
    open: false,
    answer: async (request) => {
      const { device, persistent } = await request.conductor.machines.getBootDevice(nodeOf(request));
      return ok({ boot_device: device, persistent });
    },
  },
  {
    method: 'PUT',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/management\/boot_device$/,
    open: false,
    answer: async (request) => {
      const device = oneOf(text(request.body, 'boot_device'), bootDevices);
      await request.conductor.machines.setBootDevice(
        nodeOf(request),
        device,
        request.body.persistent === true,
      );
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/states\/console$/,
    open: false,
    answer: async (request) => {
      const node = nodeOf(request);
      const { conductor } = request;
      await conductor.consoles.stop(node);
      return ok({ command: conductor.driverOf(node).console.command(node) });
    },
  },
  {
    method: 'GET',
    pattern: /^\/v1\/drivers$/,
    open: false,
    answer: async () => ok({ drivers: driverDescriptions }),
  },
  {
    method: 'POST',
    pattern: /^\/v1\/nodes\/(?<node>[^/]+)\/vendor_passthru\/(?<vendorMethod>\w+)$/,
    open: true,
    answer: async (request) => {
      const method = request.params.vendorMethod ?? '';
      return accepted(await request.conductor.vendorCall(nodeOf(request), method, request.body));
    },
  },
  {
    method: 'POST',
    pattern: /^\/v1\/drivers\/[^/]+\/vendor_passthru\/lookup$/,
    open: true,
    answer: async (request) => ok(lookupByInventory(request)),
  },
  {
    method: 'GET',
    pattern: /^\/v1\/lookup$/,
    open: true,
    answer: async (request) => ok(lookupByAddresses(request)),
  },
  {
    method: 'POST',
    pattern: /^\/v1\/heartbeat\/(?<node>[^/]+)$/,
    open: true,
    answer: async (request) => {
      await heartbeat(request, nodeOf(request));
      return accepted();
    },
  },
];

/**
 * The conductor's HTTP server.
 *
 * @param access `own` for the lab's own commands, which may do all; `open` for the machines on the networks, which may
 *   only call what a ramdisk calls
 * @param more routes of other services
 */
export function apiServer(
  conductor: Conductor,
  access: 'own' | 'open',
  log: (line: string) => void,
  more: readonly Route[] = [],
): Server {
  return createServer((request, response) => {
    void answer(conductor, [...routes, ...more], access, request)
      .catch((error: unknown) => ({ status: statusOf(error), body: errorBody(error) }))
      .then(({ status, body }: { status: number; body?: unknown }) => {
        if (access === 'open')
          log(`${request.socket.remoteAddress} ${request.method} ${request.url} ${status}`);
        send(response, status, body);
      });
  });
}

async function answer(
  conductor: Conductor,
  known: readonly Route[],
  access: 'own' | 'open',
  request: IncomingMessage,
): Promise<{ status: number; body?: unknown }> {
  const url = new URL(request.url ?? '/', 'http://lab');
  const path = url.pathname.replace(/(.)\/$/, '$1');
  const here = known.filter(({ open }) => open || access === 'own');
  const fitting = here.flatMap((route) => {
    const found = route.pattern.exec(path);
    return found ? [{ route, params: mapValues(found.groups ?? {}, decodeURIComponent) }] : [];
  });
  const [chosen] = fitting.filter(({ route }) => route.method === request.method);
  if (!chosen) {
    return fitting.length > 0
      ? { status: 405, body: errorBody(`${request.method} is not possible on ${path}`) }
      : { status: 404, body: errorBody(`there is no ${path}`) };
  }
  const body = await readBody(request);
  return chosen.route.answer({ conductor, params: chosen.params, query: url.searchParams, body });
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new LabError('usage', `a request of more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new LabError('usage', 'the body of the request is not a JSON object');
}

function statusOf(error: unknown): number {
  if (error instanceof NodeLocked) return 409;
  if (error instanceof LabError && error.code === 'usage')
    return /^there is no node/.test(error.message) ? 404 : 400;
  return 500;
}

/** Juno wraps its errors in a text that is JSON itself; clients of both times read `faultstring`. */
function errorBody(error: unknown): unknown {
  const remedy = error instanceof LabError ? error.remedy : undefined;
  return {
    error_message: {
      faultcode: 'Client',
      faultstring: messageOf(error),
      debuginfo: null,
      ...(remedy ? { remedy } : {}),
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
