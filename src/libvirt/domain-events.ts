import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type LibvirtConnection, virshArguments } from './virsh.ts';

/** Told a domain's name and what became of it, in libvirt's word: Started, Stopped, Shutdown, … */
export type DomainListener = (domain: string, event: string) => void;

const eventLine = /^event 'lifecycle' for domain '?([^':]+)'?: (\w+)/;
const restartAfterMs = 1_000;

/** The one `virsh event` of a connection, for as long as anyone listens. */
class DomainEvents {
  readonly #connection: LibvirtConnection;
  readonly #listeners = new Set<DomainListener>();
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(connection: LibvirtConnection) {
    this.#connection = connection;
  }

  add(listener: DomainListener): () => void {
    this.#listeners.add(listener);
    this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    if (this.#child) return;
    const [program = 'virsh', ...words] = virshArguments(this.#connection, [
      ...['event', '--event', 'lifecycle', '--loop'],
    ]);
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, domain, event] = eventLine.exec(line) ?? [];
      if (domain === undefined || event === undefined) return;
      for (const listener of [...this.#listeners]) listener(domain, event);
    });
    const ended = () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      // libvirtd went away, or is not there yet: it is asked again while anyone listens.
      this.#restart = setTimeout(() => this.#listeners.size > 0 && this.#start(), restartAfterMs);
      this.#restart.unref();
    };
    child.on('error', ended);
    child.on('exit', ended);
  }

  #stop(): void {
    clearTimeout(this.#restart);
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }
}

const byConnection = new Map<string, DomainEvents>();

/** Hears of every change in the life of a connection's domains; the answer ends it. One virsh serves all who hear. */
export function onDomainEvents(connection: LibvirtConnection, listener: DomainListener): () => void {
  const key = JSON.stringify([connection.uri, connection.prefix]);
  const events = byConnection.get(key) ?? new DomainEvents(connection);
  byConnection.set(key, events);
  return events.add(listener);
}
