import { request } from 'node:http';
import { LabError } from '../errors.ts';

const mostTries = 4;

/** Asks a lab's conductor over its socket, as the lab's own commands do. */
export class ApiClient {
  private readonly socket: string;

  private readonly revive: () => Promise<void>;

  /** @param revive starts the conductor again when it has died */
  constructor(socket: string, revive: () => Promise<void>) {
    this.socket = socket;
    this.revive = revive;
  }

  /** A conductor that has died meanwhile is started again, and goes on where it was. */
  async get<T>(path: string): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.ask<T>('GET', path);
      } catch (error) {
        if (!(error instanceof LabError) || !error.cause || tries === mostTries) throw error;
        // One that is just dying may still take a connection.
        await new Promise((resolve) => setTimeout(resolve, 100 * tries));
        await this.revive();
      }
    }
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.ask('PUT', path, body);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.ask('POST', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.ask('DELETE', path);
  }

  /** @throws LabError `usage` for a request that the conductor refuses, `lab-failed` for all else */
  private ask<T>(method: string, path: string, body?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(new LabError('lab-failed', `the conductor does not answer: ${cause.message}`, { cause }));
      const outgoing = request({ socketPath: this.socket, method, path }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status < 400) resolve((text === '' ? undefined : JSON.parse(text)) as T);
          else reject(refusal(status, text));
        });
      });
      outgoing.on('error', fail);
      if (body) outgoing.setHeader('Content-Type', 'application/json');
      outgoing.end(body ? JSON.stringify(body) : undefined);
    });
  }
}

function refusal(status: number, text: string): LabError {
  let told: { faultstring?: string; remedy?: string } = {};
  try {
    told = (JSON.parse(text) as { error_message?: typeof told }).error_message ?? {};
  } catch {
    // The status says enough.
  }
  const code = status < 500 && status !== 409 ? 'usage' : 'lab-failed';
  return new LabError(
    code,
    told.faultstring ?? `the conductor answered ${status}`,
    told.remedy ? { remedy: told.remedy } : {},
  );
}
