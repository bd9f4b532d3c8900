import { request } from 'node:http';
import { LabError } from '../errors.ts';

/** Asks a lab's conductor over its socket, as the lab's own commands do. */
export class ApiClient {
  private readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  get<T>(path: string): Promise<T> {
    return this.ask('GET', path);
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
