import { describe, expect, test } from 'vitest';
import { type DecodedFrame, FrameDecoder } from '../../src/packets/decode.ts';
import { bytes, captured, ethernet, type Part, tcp4, u16, u32 } from './build.ts';

/** One direction of a connection, from the client on port 45000. */
class Sender {
  private readonly decoder = new FrameDecoder();
  private readonly dstPort: number;
  constructor(dstPort: number) {
    this.dstPort = dstPort;
  }
  segment(seq: number, data: Part = [], flags = 24): DecodedFrame {
    const packet = tcp4({ srcPort: 45000, dstPort: this.dstPort, seq: seq >>> 0, flags }, bytes(data));
    return this.decoder.decode(captured(ethernet({ type: 0x0800 }, packet)));
  }
  /** The message's parts, one segment each, from a SYN on. */
  send(...parts: readonly Part[]): DecodedFrame[] {
    let seq = 0xffff_fff0;
    const frames = [this.segment(seq++, [], 2)];
    for (const part of parts) {
      frames.push(this.segment(seq, part));
      seq += bytes(part).length;
    }
    return frames;
  }
}

const get = 'GET /v1/lookup?addresses=x HTTP/1.1\r\nHost: 10.0.0.2:6385\r\n\r\n';
const lookup = {
  kind: 'request',
  method: 'GET',
  target: '/v1/lookup?addresses=x',
  version: '1.1',
  host: '10.0.0.2:6385',
};

describe('HTTP', () => {
  const http = (...parts: readonly Part[]) =>
    new Sender(6385).send(...parts).map((frame) => frame.http ?? []);

  test('a request in one segment', () => {
    expect(http(get)).toEqual([[], [lookup]]);
  });

  test('a head in many segments is told with the last of them', () => {
    expect(http(get.slice(0, 10), get.slice(10, 50), get.slice(50))).toEqual([[], [], [], [lookup]]);
  });

  test('several requests in one segment', () => {
    expect(http(get + get)).toEqual([[], [lookup, lookup]]);
  });

  test('a body is skipped by its length, even when it looks like a request', () => {
    const post = `POST /v1/heartbeat/1 HTTP/1.1\r\nContent-Length: ${get.length + 2}\r\n\r\n{}${get}`;
    expect(
      http(post, get)
        .flat()
        .map((m) => m.kind === 'request' && m.method),
    ).toEqual(['POST', 'GET']);
  });

  test('a body in chunks is skipped', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const found = http(
      `${head}5\r\nhello\r\n`,
      'a;x=y\r\n0123',
      '456789\r\n0\r\n',
      'Trailer: 1\r\n\r\nHTTP/1.1 404 Not Found\r\n',
      '\r\n',
    );
    expect(found.flat().map((m) => m.kind === 'response' && [m.status, m.reason])).toEqual([
      [200, 'OK'],
      [404, 'Not Found'],
    ]);
  });

  test('the answer to a HEAD has a length and no body', () => {
    const found = http('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n');
    expect(found.flat().map((m) => m.kind === 'response' && m.status)).toEqual([200, 204]);
  });

  test('a body without a length ends where a message begins', () => {
    const found = http('HTTP/1.0 200 OK\r\n\r\nbody', 'more body', 'HTTP/1.0 500 Oops\r\n\r\n');
    expect(found.flat().map((m) => m.kind === 'response' && m.status)).toEqual([200, 500]);
  });

  test('other protocols are left alone', () => {
    expect(http('SSH-2.0-OpenSSH_9.2\r\n', get)).toEqual([[], [], []]);
    expect(http('GET out of here\r\n\r\n', get)).toEqual([[], [], []]);
  });
});

describe('segments', () => {
  const start = 1000;
  const begun = () => {
    const sender = new Sender(80);
    sender.segment(start - 1, [], 2);
    return sender;
  };
  const [first, second, third] = [get.slice(0, 20), get.slice(20, 40), get.slice(40)] as const;

  test('out of order are put in order', () => {
    const sender = begun();
    expect(sender.segment(start + 40, third).http).toBeUndefined();
    expect(sender.segment(start + 20, second).http).toBeUndefined();
    expect(sender.segment(start, first).http).toEqual([lookup]);
  });

  test('sent again tell nothing twice', () => {
    const sender = begun();
    expect(sender.segment(start, get).http).toEqual([lookup]);
    expect(sender.segment(start, get).http).toBeUndefined();
    expect(sender.segment(start + 10, get.slice(10) + get).http).toEqual([lookup]);
  });

  test('that overlap count once', () => {
    const sender = begun();
    sender.segment(start, get.slice(0, 30));
    expect(sender.segment(start + 10, get.slice(10)).http).toEqual([lookup]);
  });

  test('of a connection whose beginning was not captured', () => {
    const sender = new Sender(80);
    expect(sender.segment(5, 'middle of something').http).toBeUndefined();
    expect(new Sender(80).segment(5, get).http).toEqual([lookup]);
  });

  test('of a new connection with the same ports', () => {
    const sender = begun();
    sender.segment(start, first);
    sender.segment(77, [], 2);
    expect(sender.segment(78, get).http).toEqual([lookup]);
  });
});

describe('iSCSI', () => {
  function pdu(
    opcode: number,
    flags: number,
    fields: readonly (readonly [number, readonly number[]])[],
    data: Part = [],
  ): Uint8Array {
    const content = bytes(data);
    const header = new Uint8Array(48);
    header.set([opcode, flags, 0, 0, ...u32(content.length)]);
    for (const [at, values] of fields) header.set(values, at);
    return bytes(header, content, new Uint8Array(-content.length & 3));
  }
  const login = pdu(0x43, 0x87, [[16, u32(7)]], 'InitiatorName=iqn.a\0SessionType=Normal\0');
  const write = pdu(
    0x01,
    0xa1,
    [
      [8, u16(1)],
      [16, u32(8)],
      [32, [0x2a]],
    ],
    new Uint8Array(512),
  );
  const iscsi = (...parts: readonly Part[]) =>
    new Sender(3260).send(...parts).map((frame) => frame.iscsi ?? []);

  const loginPdu = {
    opcode: 3,
    name: 'login request',
    immediate: true,
    initiatorTaskTag: 7,
    dataLength: 39,
    login: { currentStage: 1, nextStage: 3, transit: true },
    text: { InitiatorName: 'iqn.a', SessionType: 'Normal' },
  };

  test('a login and a command in one segment', () => {
    expect(iscsi(bytes(login, write)).flat()).toEqual([
      loginPdu,
      {
        opcode: 1,
        name: 'SCSI command',
        immediate: false,
        initiatorTaskTag: 8,
        dataLength: 512,
        scsiOpcode: 0x2a,
        lun: 1,
      },
    ]);
  });

  test('PDUs split anywhere', () => {
    const all = bytes(login, write, login);
    for (const size of [1, 7, 47, 48, 49, 100, 600]) {
      const parts = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
        all.subarray(i * size, (i + 1) * size),
      );
      expect(
        iscsi(...parts)
          .flat()
          .map(({ opcode }) => opcode),
      ).toEqual([3, 1, 3]);
    }
  });

  test('a login response tells its status', () => {
    const response = pdu(0x23, 0x87, [[36, [2, 1]]], 'X=1\0');
    expect(iscsi(response).flat()[0]).toMatchObject({ name: 'login response', login: { status: 0x0201 } });
  });

  test('what is no iSCSI ends the search', () => {
    expect(iscsi(new Uint8Array(48).fill(0x3e), login).flat()).toEqual([]);
  });
});
