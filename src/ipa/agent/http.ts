import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Json } from './json.ts';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long nothing may arrive, in ms. */
  readonly idleMs: number;
  /** Certificates of https are not checked. */
  readonly insecure?: boolean;
}

/** Sends a request and answers when the response's head is there; its body streams. */
export async function openHttp(url: string, options: HttpRequest): Promise<IncomingMessage> {
  const secure = url.startsWith('https:');
  // https costs the start of the agent a tenth of a second that most never need.
  const send = secure ? (await import('node:https')).request : request;
  const nodeOptions: RequestOptions & { rejectUnauthorized?: boolean } = {
    method: options.method ?? 'GET',
    headers: { ...options.headers },
    timeout: options.idleMs,
    // A connection of its own: one kept since the last heartbeat may be gone at the other end.
    agent: false,
    ...(secure && options.insecure ? { rejectUnauthorized: false } : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = send(url, nodeOptions, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing came from ${url} for ${options.idleMs} ms`)));
    sent.on('error', reject);
    sent.end(options.body);
  });
}

export interface JsonResponse {
  readonly status: number;
  /** undefined when the body is no JSON. */
  readonly body: Json | undefined;
  readonly text: string;
}

/** A whole exchange of JSON, in one connection. */
export async function exchangeJson(
  url: string,
  options: Omit<HttpRequest, 'body'> & { readonly body?: Json },
): Promise<JsonResponse> {
  const { body, ...rest } = options;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    Accept: 'application/json',
    ...(text === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
    ...options.headers,
  };
  const response = await openHttp(url, { ...rest, headers, ...(text === undefined ? {} : { body: text }) });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, body: parseJson(answer), text: answer };
}

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
