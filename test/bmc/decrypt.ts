import { Buffer } from 'node:buffer';
import type { CipherSuite } from '../../src/bmc/cipher-suites.ts';
import { type RakpExchange, sessionIntegrityKey, sessionKeys } from '../../src/bmc/rakp.ts';
import { decodeOpenSessionResponse, decodeRakp1, decodeRakp2 } from '../../src/bmc/rakp-messages.ts';
import {
  decodeRmcpPlus,
  openPacket,
  payloadType,
  type RmcpPlusPacket,
  type SessionKeys,
} from '../../src/bmc/rmcpplus-packet.ts';

interface Handshake {
  readonly consoleId: number;
  readonly bmcId: number;
  readonly suite: CipherSuite;
  readonly rakp1: ReturnType<typeof decodeRakp1>;
}

/**
 * What was said in encrypted sessions: the datagrams with every packet decrypted that the handshake before it and
 * the password open. Wireshark cannot do this itself (4.0 has no key for RMCP+); it reads what comes out.
 */
export function decryptDatagrams(
  datagrams: readonly Buffer[],
  password: Buffer,
): { datagrams: Buffer[]; opened: number } {
  const handshakes = new Map<number, Handshake>();
  const keys = new Map<number, SessionKeys>();
  let opened = 0;
  const decrypted = datagrams.map((datagram) => {
    const packet = decodeRmcpPlus(datagram.subarray(4));
    if (!packet) return datagram;
    learn(packet, handshakes, keys, password);
    const sessionKeysHere = keys.get(packet.sessionId);
    const payload = sessionKeysHere && packet.encrypted ? openPacket(sessionKeysHere, packet) : undefined;
    if (!payload) return datagram;
    opened += 1;
    const header = Buffer.from(datagram.subarray(0, 16));
    header[5] = packet.payloadType;
    header.writeUInt16LE(payload.length, 14);
    return Buffer.concat([header, payload]);
  });
  return { datagrams: decrypted, opened };
}

function learn(
  packet: RmcpPlusPacket,
  handshakes: Map<number, Handshake>,
  keys: Map<number, SessionKeys>,
  password: Buffer,
): void {
  switch (packet.payloadType) {
    case payloadType.openSessionResponse: {
      const response = decodeOpenSessionResponse(packet.payload);
      if (!response?.suite) return;
      const { consoleSessionId: consoleId, bmcSessionId: bmcId, suite } = response;
      handshakes.set(consoleId, { consoleId, bmcId, suite, rakp1: undefined });
      return;
    }
    case payloadType.rakp1: {
      const rakp1 = decodeRakp1(packet.payload);
      const handshake = [...handshakes.values()].find(({ bmcId }) => bmcId === rakp1?.bmcSessionId);
      if (handshake) handshakes.set(handshake.consoleId, { ...handshake, rakp1 });
      return;
    }
    case payloadType.rakp2: {
      const rakp2 = decodeRakp2(packet.payload);
      const handshake = rakp2 && handshakes.get(rakp2.consoleSessionId);
      if (!rakp2 || !handshake?.rakp1 || rakp2.status !== 0) return;
      const { consoleId, bmcId, suite, rakp1 } = handshake;
      const exchange: RakpExchange = {
        consoleSessionId: consoleId,
        bmcSessionId: bmcId,
        consoleRandom: rakp1.consoleRandom,
        bmcRandom: rakp2.bmcRandom,
        guid: rakp2.guid,
        role: rakp1.role,
        userName: rakp1.userName,
      };
      const own = sessionKeys(suite, sessionIntegrityKey(suite, password, undefined, exchange), password);
      keys.set(consoleId, own);
      keys.set(bmcId, own);
    }
  }
}
