import {
  bmcAddress,
  consoleAddress,
  decodeResponse,
  encodeRequest,
  type IpmiResponse,
} from '../../src/bmc/ipmi-message.ts';
import { decodeIpmi15, encodeIpmi15, encodeSessionless15 } from '../../src/bmc/ipmi15-packet.ts';
import { decodeRmcp, encodeRmcpIpmi } from '../../src/bmc/rmcp.ts';
import type { Exchange } from '../../src/bmc/udp-exchange.ts';

const frame = { responder: bmcAddress, responderLun: 0, requester: consoleAddress, requesterLun: 0 };
const app = 0x06;
const md5 = 2;

/** A session of IPMI 1.5 with MD5, in just so many words as a test needs: a function that gives a command. */
export async function logIn15(
  exchange: Exchange,
  user: string,
  password: Buffer,
): Promise<(netFn: number, command: number, data: readonly number[]) => Promise<IpmiResponse>> {
  const response = (datagram: Buffer) => {
    const message = decodeRmcp(datagram);
    const packet = message && decodeIpmi15(message.body);
    return packet && decodeResponse(packet.message);
  };
  const challengeRequest = encodeRequest({
    ...frame,
    ...{ netFn: app, sequence: 1, command: 0x39 },
    data: Buffer.concat([Buffer.from([md5]), Buffer.from(user)], 17),
  });
  const challenge = await exchange.ask(
    'Get Session Challenge',
    () => encodeRmcpIpmi(encodeSessionless15(challengeRequest)),
    response,
  );
  let sessionId = challenge.data.readUInt32LE(0);
  let sequence = 0;
  const ask = (netFn: number, command: number, data: Buffer) => {
    const message = encodeRequest({ ...frame, netFn, sequence: 2, command, data });
    return exchange.ask(
      `command ${command}`,
      () => {
        const packet = { type: md5, sequence, sessionId, message } as const;
        if (sequence !== 0) sequence += 1;
        return encodeRmcpIpmi(encodeIpmi15(packet, password));
      },
      response,
    );
  };
  const activation = Buffer.concat([
    Buffer.from([md5, 4]),
    challenge.data.subarray(4, 20),
    Buffer.from([1, 0, 0, 0]),
  ]);
  const activated = await ask(app, 0x3a, activation);
  sessionId = activated.data.readUInt32LE(1);
  sequence = activated.data.readUInt32LE(5);
  return (netFn, command, data) => ask(netFn, command, Buffer.from(data));
}
