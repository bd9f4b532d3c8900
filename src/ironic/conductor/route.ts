import { LabError } from '../../errors.ts';
import type { Conductor } from './conductor.ts';

/** A request as a route sees it. */
export interface ApiRequest {
  readonly conductor: Conductor;
  /** The parts of the path that the route's pattern names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the API answers to one kind of request. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  /** Whether the machines on the networks may call it too, or only the lab's own commands. */
  readonly open: boolean;
  readonly answer: (request: ApiRequest) => Promise<{ readonly status: number; readonly body?: unknown }>;
}

export const ok = (body: unknown) => ({ status: 200, body });
export const accepted = (body?: unknown) => ({ status: 202, ...(body === undefined ? {} : { body }) });

/** A text in a request. @throws LabError `usage` when it is missing */
export function text(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = body[key];
  if (typeof value === 'string') return value;
  throw new LabError('usage', `the request lacks "${key}"`);
}
