import { randomUUID } from 'node:crypto';
import { AgentError, type AgentErrorDocument, asAgentError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

export type CommandStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'VERSION_MISMATCH';

/** A command as Ironic reads it. Its parameters are left out: they hold secrets. */
export interface CommandDocument {
  readonly id: string;
  /** Without its extension: `prepare_image`. */
  readonly command_name: string;
  readonly command_status: CommandStatus;
  readonly command_error: AgentErrorDocument | null;
  readonly command_result: Json;
}

/** One command of an extension. */
export interface Command {
  /** Whether it is answered at once (RUNNING) and done in the background, or when it is done. */
  readonly mode: 'sync' | 'async';
  /** Refuses wrong parameters before the command exists. @throws AgentError */
  readonly check?: (parameters: JsonObject) => void;
  readonly run: (parameters: JsonObject) => Promise<Json> | Json;
}

export type Extension = Readonly<Record<string, Command>>;

interface Entry {
  document: CommandDocument;
  readonly done: Promise<void>;
}

/** The commands that Ironic gave, one at a time, in their order. */
export class Commands {
  private readonly extensions: Readonly<Record<string, Extension>>;
  private readonly onFinished: () => void;
  private readonly entries: Entry[] = [];

  /**
   * @param extensions by name: `standby`, `deploy` …
   * @param onFinished called when an asynchronous command ends, well or badly
   */
  constructor(extensions: Readonly<Record<string, Extension>>, onFinished: () => void) {
    this.extensions = extensions;
    this.onFinished = onFinished;
  }

  list(): CommandDocument[] {
    return this.entries.map(({ document }) => document);
  }

  /** @throws AgentError RequestedObjectNotFoundError */
  async get(id: string, wait: boolean): Promise<CommandDocument> {
    const entry = this.entries.find(({ document }) => document.id === id);
    if (!entry)
      throw new AgentError('RequestedObjectNotFoundError', `Command Result with id ${id} not found.`);
    if (wait) await entry.done;
    return entry.document;
  }

  /**
   * Starts a command.
   *
   * @param name `standby.prepare_image`
   * @param wait answers when it is done, else as soon as it runs
   * @throws AgentError AgentIsBusy, InvalidCommandError, InvalidCommandParamsError, RequestedObjectNotFoundError
   */
  async execute(name: string, parameters: JsonObject, wait: boolean): Promise<CommandDocument> {
    const command = this.find(name);
    const last = this.entries.at(-1)?.document;
    if (last?.command_status === 'RUNNING')
      throw new AgentError('AgentIsBusy', `executing command ${last.command_name}`);
    command.check?.(parameters);
    const entry = this.start(name.slice(name.indexOf('.') + 1), command, parameters);
    if (wait || command.mode === 'sync') await entry.done;
    return entry.document;
  }

  private find(name: string): Command {
    const [extension = '', short] = name.split('.', 2);
    if (short === undefined)
      throw new AgentError('InvalidCommandError', 'Command name must be of the form <extension>.<name>');
    const commands = Object.hasOwn(this.extensions, extension) ? this.extensions[extension] : undefined;
    if (!commands)
      throw new AgentError('RequestedObjectNotFoundError', `Extension with id ${extension} not found.`);
    const command = Object.hasOwn(commands, short) ? commands[short] : undefined;
    if (!command) throw new AgentError('InvalidCommandError', `Unknown command: ${short}`);
    return command;
  }

  private start(shortName: string, command: Command, parameters: JsonObject): Entry {
    const document: CommandDocument = {
      id: randomUUID(),
      command_name: shortName,
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
    };
    const work = async () => {
      try {
        const result = await command.run(parameters);
        entry.document = {
          ...document,
          command_status: 'SUCCEEDED',
          command_result: worded(result, command.mode === 'async' ? `${shortName}: ` : ''),
        };
      } catch (error) {
        const { type, code, message, details } = asAgentError(error).toDocument();
        entry.document = {
          ...document,
          command_status: type === 'VersionMismatch' ? 'VERSION_MISMATCH' : 'FAILED',
          command_error: { type, code, message, details },
        };
      }
      if (command.mode === 'async') this.onFinished();
    };
    // The work starts after the entry is listed, so that it can never end unseen.
    const entry: Entry = { document, done: Promise.resolve().then(work) };
    this.entries.push(entry);
    return entry;
  }
}

/** A text becomes {result: text}, as ironic-python-agent has it; an asynchronous command's name stands before it. */
function worded(result: Json, prefix: string): Json {
  return typeof result === 'string' ? { result: `${prefix}${result}` } : result;
}
