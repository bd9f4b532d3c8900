import { LabError } from '../errors.ts';
import { cipherSuite } from './cipher-suites.ts';
import type { IpmiClient } from './client.ts';
import { systemClock } from './clock.ts';
import { completion, completionWords } from './completion.ts';
import { netFn } from './ipmi-message.ts';
import { payloadType } from './rmcpplus-packet.ts';
import { SolLink } from './sol-link.ts';
import { solHeaderLength, solOperation, solStatus } from './sol-payload.ts';

/** A serial console over a session. */
export interface SolConsole {
  write(characters: Buffer): void;
  sendBreak(): void;
  /** Resolves when everything written has arrived. */
  drained(): boolean;
  /** Gives the console back. */
  close(): Promise<void>;
}

export interface SolConsoleListener {
  readonly data: (characters: Buffer) => void;
  /** The BMC took the console away, or does not answer any more. */
  readonly ended: (why: string) => void;
}

const instance = 1;
const encryptBit = 0x80;
const signBit = 0x40;
const alreadyActive = 0x80;
/** Below the 60 s after which a BMC ends an idle session. */
const keepAliveMs = 15_000;
const retryMs = 250;
const retries = 20;

/**
 * Takes the machine's serial console.
 *
 * @throws LabError `lab-failed` when another session has it, SOL is disabled, or the BMC refuses it otherwise
 */
export async function openSol(client: IpmiClient, listener: SolConsoleListener): Promise<SolConsole> {
  const { integrity, confidentiality } = cipherSuite(client.suite) ?? {};
  const protection = (confidentiality ? encryptBit : 0) | (integrity?.method === 'none' ? 0 : signBit);
  const request = [payloadType.sol, instance, protection, 0, 0, 0];
  const { completion: code, data } = await client.exchange(netFn.app, 0x48, request);
  if (code !== completion.ok || data.length < 8) {
    const why = code === alreadyActive ? 'another session has it' : completionWords(code);
    throw new LabError('lab-failed', `the serial console is not to be had: ${why}`, {
      remedy:
        code === alreadyActive
          ? 'take it away from the other session with `sol --steal`'
          : 'see `lab ipmi info`',
    });
  }
  const link = new SolLink({
    clock: systemClock,
    send: (payload) => client.sendSol(payload),
    received: listener.data,
    flagged: (flags) => {
      if (flags & solStatus.deactivated) end('the BMC took the console away');
    },
    packetSize: Math.max(1, Math.min(data.readUInt16LE(4), 255) - solHeaderLength),
    gatherMs: 0,
    retryMs,
    retries,
    capacity: 65_536,
    overrunFlag: 0,
  });
  const keepAlive = setInterval(() => {
    client.request(netFn.app, 0x01).catch(() => end('the BMC does not answer any more'));
  }, keepAliveMs);
  let isOver = false;
  function end(why: string): void {
    if (isOver) return;
    isOver = true;
    clearInterval(keepAlive);
    client.solListener = undefined;
    link.close();
    listener.ended(why);
  }
  client.solListener = (payload) => {
    // A BMC that takes the console away says so in a packet that asks for no acknowledgement.
    if (payload.length >= solHeaderLength && payload.readUInt8(3) & solStatus.deactivated) {
      end('the BMC took the console away');
    } else link.receive(payload);
  };
  return {
    write: (characters) => link.write(characters),
    sendBreak: () => link.signal(solOperation.generateBreak),
    drained: () => link.isIdle,
    async close() {
      if (isOver) return;
      isOver = true;
      clearInterval(keepAlive);
      client.solListener = undefined;
      link.close();
      await deactivateSol(client);
    },
  };
}

/** Takes the console away from whoever has it; that nobody has is no failure. */
export async function deactivateSol(client: IpmiClient): Promise<void> {
  await client.exchange(netFn.app, 0x49, [payloadType.sol, instance, 0, 0, 0, 0]);
}
