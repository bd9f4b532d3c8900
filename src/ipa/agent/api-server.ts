import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Commands } from './commands.ts';
import { AgentError, asAgentError } from './errors.ts';
import { parseJson } from './http.ts';
import { agentVersion } from './ironic-api.ts';
import { isObject, type Json, textOf } from './json.ts';

export const agentPort = 9999;
/** A config drive of 64 MiB as base64, and some. */
const largestBody = 128 * 2 ** 20;

export interface ApiOptions {
  readonly commands: Commands;
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** What Ironic must show with each command; undefined while none is known, or in Juno. */
  readonly token: () => string | undefined;
}

/** The agent's API: GET /v1/status, GET and POST /v1/commands/, GET /v1/commands/ID. */
export function createApiServer(options: ApiOptions): Server {
  return createServer((request, response) => {
    answer(options, request)
      .catch((error: unknown) => {
        const failure = asAgentError(error);
        return { status: failure.code, body: { ...failure.toDocument() } };
      })
      .then(({ status, body }) => {
        const text = JSON.stringify(body);
        response.writeHead(status, {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
          // Ironic would find a kept one closed when its next command comes.
          Connection: 'close',
        });
        response.end(text);
      });
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(options: ApiOptions, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://agent');
  // The version may be left out, and a slash at the end too.
  const path = url.pathname.replace(/^\/v1(?=\/|$)/, '').replace(/\/+$/, '');
  const route = `${request.method} ${path}`;
  const shown = url.searchParams.get('agent_token') ?? undefined;
  const wait = url.searchParams.get('wait')?.toLowerCase() === 'true';
  if (route === 'GET ') return ok({ name: 'OpenStack Ironic Python Agent API', versions: [{ id: 'v1' }] });
  if (route === 'GET /status') return ok({ started_at: options.startedAt, version: agentVersion });
  if (route === 'GET /commands') {
    checkToken(options, shown, 'if shown');
    return ok({ commands: options.commands.list() });
  }
  if (route === 'POST /commands') {
    checkToken(options, shown, 'always');
    const body = await readBody(request);
    const name = isObject(body) ? textOf(body.name) : undefined;
    if (!isObject(body) || !name || !isObject(body.params))
      throw new AgentError('InvalidCommandParamsError', 'Missing or invalid name or params');
    return ok(await options.commands.execute(name, body.params, wait));
  }
  const id = /^GET \/commands\/(?<id>[^/]+)$/.exec(route)?.groups?.id;
  if (id) {
    checkToken(options, shown, 'if shown');
    return ok(await options.commands.get(id, wait));
  }
  throw new AgentError('NotFound', 'The requested URL was not found.');
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** Ironic asks for the list of commands without the token. */
function checkToken({ token }: ApiOptions, shown: string | undefined, when: 'always' | 'if shown'): void {
  const expected = token();
  if (expected === undefined || (when === 'if shown' && shown === undefined)) return;
  if (shown !== expected) throw new AgentError('Unauthorized', 'Token invalid.');
}

async function readBody(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > largestBody) throw new AgentError('InvalidCommandParamsError', 'the request is too large');
  }
  return parseJson(Buffer.concat(chunks).toString());
}
