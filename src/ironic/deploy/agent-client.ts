import { LabError, messageOf } from '../../errors.ts';

/** A command as the agent tells of it (ironic-python-agent, api/controllers/v1/command.py). */
export interface AgentCommand {
  readonly id?: string;
  readonly command_name: string;
  readonly command_status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | string;
  readonly command_error: {
    readonly type?: string;
    readonly message?: string;
    readonly details?: string;
  } | null;
  readonly command_result: Readonly<Record<string, unknown>> | null;
}

const answerTimeoutMs = 30_000;

/** The conductor's side of an agent's API on port 9999 (ironic/drivers/modules/agent_client.py). */
export class AgentClient {
  private readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/$/, '');
  }

  /** Gives a command; `wait` answers only when it is done. */
  async command(
    name: string,
    params: Readonly<Record<string, unknown>>,
    options: { readonly wait: boolean },
  ): Promise<AgentCommand> {
    return (await this.ask(`/v1/commands?wait=${options.wait}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, params }),
    })) as AgentCommand;
  }

  async commands(): Promise<readonly AgentCommand[]> {
    const { commands } = (await this.ask('/v1/commands', {})) as { commands: AgentCommand[] };
    return commands;
  }

  private async ask(path: string, init: RequestInit): Promise<unknown> {
    try {
      const response = await fetch(this.url + path, {
        ...init,
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`status ${response.status}: ${text.slice(0, 500)}`);
      return JSON.parse(text);
    } catch (cause) {
      throw new LabError('lab-failed', `the agent at ${this.url} did not take ${path}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}
