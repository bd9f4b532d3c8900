/**
 * RMCP, the wrapper around everything a BMC says over UDP (ASF 2.0 section 3.2; IPMI 2.0 section 13.1), and the
 * presence ping. Pure: bytes in, values out.
 */

const version = 0x06;
const noAcknowledgement = 0xff;
const headerLength = 4;
const asfClass = 0x06;
const ipmiClass = 0x07;

/** An RMCP datagram's class and what follows its header. */
export interface RmcpMessage {
  readonly messageClass: 'asf' | 'ipmi';
  readonly body: Buffer;
}

/** The RMCP message in a datagram; undefined when it is none, or an acknowledgement, or of a class unknown here. */
export function decodeRmcp(datagram: Buffer): RmcpMessage | undefined {
  if (datagram.length <= headerLength || datagram[0] !== version) return undefined;
  const body = datagram.subarray(headerLength);
  if (datagram[3] === asfClass) return { messageClass: 'asf', body };
  if (datagram[3] === ipmiClass) return { messageClass: 'ipmi', body };
  return undefined;
}

/** The datagram that carries an IPMI session packet. */
export function encodeRmcpIpmi(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([version, 0, noAcknowledgement, ipmiClass]), body]);
}

const asfEnterprise = 4542;
const presencePing = 0x80;
const presencePong = 0x40;

/** The message tag of a presence ping, 0-255; undefined when the ASF message is something else. */
export function decodePresencePing(body: Buffer): number | undefined {
  if (body.length < 8 || body.readUInt32BE(0) !== asfEnterprise || body[4] !== presencePing) return undefined;
  return body.readUInt8(5);
}

/** The datagram that answers a presence ping: "IPMI is supported here" (IPMI 2.0 table 13-6). */
export function encodePresencePong(tag: number): Buffer {
  const datagram = Buffer.alloc(28);
  datagram.set([version, 0, noAcknowledgement, asfClass]);
  datagram.writeUInt32BE(asfEnterprise, 4);
  datagram.set([presencePong, tag, 0, 16], 8);
  datagram.writeUInt32BE(asfEnterprise, 12);
  datagram[20] = 0x81; // IPMI supported, ASF version 1.0
  return datagram;
}
