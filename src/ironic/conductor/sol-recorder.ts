import { appendFileSync, existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpmi, type IpmiClient } from '../../bmc/client.ts';
import { openSol, type SolConsole } from '../../bmc/sol-client.ts';
import { messageOf } from '../../errors.ts';
import { consoleLog } from '../../libvirt/domain-xml.ts';
import { consoleGivenUp, consoleLost, recordedFromHere } from '../console-notes.ts';
import { ipmiTarget } from '../native-ipmi.ts';
import type { Node } from '../node.ts';

/** What a recording needs to know of its node. */
export type RecordedNode = Pick<Node, 'uuid' | 'name' | 'driver_info'>;

export interface SolRecorderOptions {
  readonly log: (line: string) => void;
  /** Where a node's console is recorded. Default: where virtlogd has those of domains. */
  readonly fileOf?: (name: string) => string;
  /** For how long a console that was lost is asked for, in ms. */
  readonly reattachMs?: number;
}

/** A BMC that resets itself is back within two minutes. */
const defaultReattachMs = 120_000;
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Records by serial over LAN the consoles of nodes that are no machines of the lab, whose consoles virtlogd records. A
 * BMC gives its console to one at a time: whoever wants it has the recording ended. A console that is lost otherwise,
 * as some BMCs drop it when the power is cycled, is asked for again.
 */
export class SolRecorder {
  private readonly recordings = new Map<string, Recording>();
  private readonly options: SolRecorderOptions;

  constructor(options: SolRecorderOptions) {
    this.options = options;
  }

  /** Records a node's console from now on, where its BMC lets it; answers when it does, or has been asked once. */
  async start(node: RecordedNode): Promise<void> {
    const known = this.recordings.get(node.uuid);
    if (known?.isGoingOn) return known.begun;
    const recording = new Recording(node, this.options);
    this.recordings.set(node.uuid, recording);
    await recording.begun;
  }

  /** Gives a node's console back. */
  async stop(node: Pick<Node, 'uuid'>): Promise<void> {
    const recording = this.recordings.get(node.uuid);
    this.recordings.delete(node.uuid);
    await recording?.stop();
  }
}

interface Attached {
  readonly client: IpmiClient;
  readonly console: SolConsole;
}

/** From the power on until somebody wants the console, or it is given up. */
class Recording {
  /** Resolves when the BMC has been asked once. */
  readonly begun: Promise<void>;
  private readonly node: RecordedNode;
  private readonly options: SolRecorderOptions;
  private readonly file: string;
  private readonly stopping = new AbortController();
  private attached: Attached | undefined;
  private isOver = false;

  constructor(node: RecordedNode, options: SolRecorderOptions) {
    this.node = node;
    this.options = options;
    this.file = (options.fileOf ?? consoleLog)(node.name);
    this.begun = this.attach().catch((error: unknown) => {
      void this.reattach(messageOf(error));
    });
  }

  /** It has the console, or still asks for it. */
  get isGoingOn(): boolean {
    return !this.isOver;
  }

  async stop(): Promise<void> {
    if (this.isOver) return;
    this.end('somebody wanted the console');
    await this.letGo();
  }

  private async attach(): Promise<void> {
    const client = await connectIpmi(ipmiTarget(this.node.driver_info));
    try {
      const console = await openSol(client, {
        data: (characters) => appendFileSync(this.file, characters),
        ended: (why) => {
          this.log(`its console was lost: ${why}`);
          this.note(consoleLost(why));
          void this.letGo();
          void this.reattach(why);
        },
      });
      this.attached = { client, console };
    } catch (error) {
      void client.close();
      throw error;
    }
    if (this.isOver) await this.letGo();
    else this.note(recordedFromHere);
  }

  /** Asks for the console until it has it, or for as long as that may take. */
  private async reattach(why: string): Promise<void> {
    const deadline = performance.now() + (this.options.reattachMs ?? defaultReattachMs);
    let reason = why;
    for (let pauseMs = firstPauseMs; performance.now() < deadline; pauseMs *= 2) {
      const pause = sleep(Math.min(pauseMs, longestPauseMs), undefined, {
        ref: false,
        signal: this.stopping.signal,
      });
      if (!(await pause.then(() => true).catch(() => false))) return;
      try {
        await this.attach();
        return;
      } catch (error) {
        reason = messageOf(error);
      }
    }
    this.end(reason);
  }

  private end(why: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopping.abort();
    this.log(`its console is not recorded: ${why}`);
    // A console that was never had has no record.
    if (existsSync(this.file)) this.note(consoleGivenUp(why));
  }

  private async letGo(): Promise<void> {
    const { attached } = this;
    this.attached = undefined;
    await attached?.console.close().catch(() => undefined);
    await attached?.client.close().catch(() => undefined);
  }

  /** What the console said last, such as a prompt, may be half a line. */
  private note(line: string): void {
    const hasBegun = (statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > 0;
    appendFileSync(this.file, `${hasBegun ? '\n' : ''}${line}\n`);
  }

  private log(line: string): void {
    this.options.log(`${this.node.name}: ${line}`);
  }
}
