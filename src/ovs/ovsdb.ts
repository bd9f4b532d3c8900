import { connect, type Socket } from 'node:net';
import { LabError } from '../errors.ts';
import { JsonStream } from './json-stream.ts';

/** A value as RFC 7047 section 5.1 writes it: an atom, or ["uuid"|"named-uuid"|"set"|"map", …]. */
export type OvsdbValue = string | number | boolean | readonly [string, unknown];
export type OvsdbRow = Readonly<Record<string, OvsdbValue>>;
/** [column, function, value], RFC 7047 section 5.1. */
export type OvsdbCondition = readonly [string, string, OvsdbValue];

/** An operation of a transaction, RFC 7047 section 5.2. */
export type OvsdbOperation =
  | { readonly op: 'insert'; readonly table: string; readonly row: OvsdbRow; readonly 'uuid-name'?: string }
  | {
      readonly op: 'select';
      readonly table: string;
      readonly where: readonly OvsdbCondition[];
      readonly columns?: readonly string[];
    }
  | {
      readonly op: 'update';
      readonly table: string;
      readonly where: readonly OvsdbCondition[];
      readonly row: OvsdbRow;
    }
  | {
      readonly op: 'mutate';
      readonly table: string;
      readonly where: readonly OvsdbCondition[];
      readonly mutations: readonly OvsdbCondition[];
    }
  | { readonly op: 'delete'; readonly table: string; readonly where: readonly OvsdbCondition[] }
  | {
      readonly op: 'wait';
      readonly table: string;
      readonly where: readonly OvsdbCondition[];
      readonly columns: readonly string[];
      readonly until: '==' | '!=';
      readonly rows: readonly OvsdbRow[];
      readonly timeout: number;
    }
  | { readonly op: 'comment'; readonly comment: string };

export interface OvsdbResult {
  readonly rows?: readonly Record<string, OvsdbValue>[];
  readonly uuid?: readonly ['uuid', string];
  readonly count?: number;
}

/** Tables and columns as the update notifications of a monitor name them, RFC 7047 section 4.1.6. */
export type OvsdbUpdates = Readonly<
  Record<string, Readonly<Record<string, { readonly old?: OvsdbRow; readonly new?: OvsdbRow }>>>
>;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A connection to an OVSDB server (RFC 7047) over its unix socket. */
export class Ovsdb {
  private readonly socket: Socket;
  private readonly waiting = new Map<
    number,
    { resolve(result: unknown): void; reject(error: unknown): void }
  >();
  private readonly listeners = new Map<string, (updates: OvsdbUpdates) => void>();
  private nextId = 1;
  /** Settles when the connection is no more. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    const stream = new JsonStream();
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      for (const text of stream.push(chunk)) this.receive(JSON.parse(text) as Message);
    });
    const fail = (why: string) => {
      for (const { reject } of this.waiting.values()) reject(new LabError('lab-failed', `OVSDB: ${why}`));
      this.waiting.clear();
    };
    socket.on('error', (error) => fail(error.message));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        fail('the server closed the connection');
        resolve();
      });
    });
  }

  /** @throws the socket's error when there is no server behind it */
  static open(path: string): Promise<Ovsdb> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Ovsdb(socket));
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /**
   * Carries out the operations as one transaction on the database Open_vSwitch.
   *
   * @throws LabError `lab-failed` with the server's error and the operation it refused; nothing has then changed
   */
  async transact(operations: readonly OvsdbOperation[]): Promise<readonly OvsdbResult[]> {
    const results = (await this.call('transact', [
      'Open_vSwitch',
      ...operations,
    ])) as readonly (OvsdbResult & {
      error?: string;
      details?: string;
    })[];
    // A failed commit is reported in an element more than there are operations.
    const failed = results.findIndex((result) => result?.error !== undefined);
    if (failed >= 0) {
      const { error, details } = results[failed] ?? {};
      const operation = JSON.stringify(operations[failed] ?? 'commit');
      throw new LabError(
        'lab-failed',
        `OVSDB refused ${operation}: ${error}${details ? ` (${details})` : ''}`,
      );
    }
    return results;
  }

  /**
   * Watches columns of one table; `onChange` is told their present content first, then each change.
   *
   * @returns a function that ends it
   */
  async monitor(
    table: string,
    columns: readonly string[],
    onChange: (updates: OvsdbUpdates) => void,
  ): Promise<() => Promise<void>> {
    const id = `monitor-${this.nextId}`;
    this.listeners.set(id, onChange);
    const initial = await this.call('monitor', ['Open_vSwitch', id, { [table]: { columns } }]);
    onChange(initial as OvsdbUpdates);
    return async () => {
      this.listeners.delete(id);
      await this.call('monitor_cancel', [id]);
    };
  }

  private call(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.write(JSON.stringify({ method, params, id }));
    });
  }

  private receive(message: Message): void {
    if (message.method === 'echo') {
      this.socket.write(JSON.stringify({ result: message.params, error: null, id: message.id }));
    } else if (message.method === 'update') {
      const [id, updates] = message.params ?? [];
      this.listeners.get(String(id))?.(updates as OvsdbUpdates);
    } else if (typeof message.id === 'number') {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error)
        waiting?.reject(new LabError('lab-failed', `OVSDB: ${JSON.stringify(message.error)}`));
      else waiting?.resolve(message.result);
    }
  }
}

/** A set or a map of OVSDB as JavaScript has it. */
export function ovsdbSet(values: readonly OvsdbValue[]): OvsdbValue {
  return ['set', values];
}

export function ovsdbMap(entries: Readonly<Record<string, string>>): OvsdbValue {
  return ['map', Object.entries(entries)];
}

/** The members of a column that may hold a set: RFC 7047 writes a set of one as its member alone. */
export function membersOf(value: OvsdbValue | undefined): OvsdbValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) && value[0] === 'set' ? [...(value[1] as OvsdbValue[])] : [value];
}
