import { appendFileSync } from 'node:fs';
import { connectIpmi, type IpmiClient } from '../../bmc/client.ts';
import { openSol, type SolConsole } from '../../bmc/sol-client.ts';
import { messageOf } from '../../errors.ts';
import { consoleLog } from '../../libvirt/domain-xml.ts';
import { ipmiTarget } from '../native-ipmi.ts';
import type { Node } from '../node.ts';

interface Recording {
  readonly client: IpmiClient;
  readonly console: SolConsole;
}

/**
 * Records by serial over LAN the consoles of nodes that are no machines of the lab, whose consoles virtlogd records. A
 * BMC gives its console to one at a time: whoever wants it has the recording ended.
 */
export class SolRecorder {
  private readonly recordings = new Map<string, Promise<Recording | undefined>>();
  private readonly log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.log = log;
  }

  /** Records a node's console from now on, where its BMC lets it; answers when it does, or cannot. */
  async start(node: Node): Promise<void> {
    const known = this.recordings.get(node.uuid);
    if (known && (await known)) return;
    const opened = this.open(node).catch((error: unknown) => {
      this.log(`${node.name}: its console is not recorded: ${messageOf(error)}`);
      return undefined;
    });
    this.recordings.set(node.uuid, opened);
    await opened;
  }

  /** Gives a node's console back. */
  async stop(node: Pick<Node, 'uuid'>): Promise<void> {
    const recording = await this.recordings.get(node.uuid);
    this.recordings.delete(node.uuid);
    await recording?.console.close().catch(() => undefined);
    await recording?.client.close().catch(() => undefined);
  }

  private async open(node: Node): Promise<Recording> {
    const client = await connectIpmi(ipmiTarget(node.driver_info));
    const file = consoleLog(node.name);
    try {
      const console = await openSol(client, {
        data: (characters) => appendFileSync(file, characters),
        ended: (why) => {
          this.log(`${node.name}: its console is no longer recorded: ${why}`);
          this.recordings.delete(node.uuid);
        },
      });
      appendFileSync(file, '');
      return { client, console };
    } catch (error) {
      await client.close();
      throw error;
    }
  }
}
