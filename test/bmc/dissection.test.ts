import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/linux/process.ts';
import { pcapFile } from '../../src/packets/write.ts';
import { captured, ethernet, macs, udp4 } from '../packets/build.ts';
import { badLink, noTrouble, type Passed } from './bad-link.ts';
import type { ClientUnderTest } from './clients/client-under-test.ts';
import { freeipmi } from './clients/freeipmi.ts';
import { ipmitool } from './clients/ipmitool.ts';
import { own } from './clients/own.ts';
import { decryptDatagrams } from './decrypt.ts';
import { adminPassword, serveTestBmc } from './serve.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dissection-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything that a client and the BMC say to each other while every kind of command is given. */
async function conversation(client: ClientUnderTest): Promise<Passed[]> {
  const bmc = await serveTestBmc({ suites: [2, 3, 16, 17] });
  const passed: Passed[] = [];
  const link = await badLink(bmc.served.port, noTrouble, (each) => passed.push(each));
  const login = { ...bmc.admin, address: link.address };
  try {
    await client.power(login, 'on');
    await client.setBoot(login, 'pxe', false);
    await client.readBoot(login);
    await client.power(login, 'reset');
    await client.info(login);
    await client.sensors(login);
    await client.log(login);
    await client.fru(login);
    await client.lan?.(login);
    await client.users?.(login);
    // ipmitool asks for an encrypted console whether or not the suite can encrypt.
    if (!client.name.includes('ipmitool suite 16')) await client.console?.(login, 'hello\r', 'echo: hello');
    return passed;
  } finally {
    await link.close();
    await bmc.served.close();
  }
}

/** What tshark says of the datagrams: how many of each protocol, and its complaints. */
async function dissect(name: string, passed: readonly Passed[]) {
  const frames = passed.map(({ to, datagram }, index) => {
    const ends =
      to === 'bmc'
        ? { src: '192.0.2.1', dst: '192.0.2.2', srcPort: 40_000, dstPort: 623 }
        : { src: '192.0.2.2', dst: '192.0.2.1', srcPort: 623, dstPort: 40_000 };
    const { client: source, server: destination } = macs;
    const frame = ethernet({ src: source, dst: destination, type: 0x0800 }, udp4(ends, datagram));
    return captured(frame, { number: index + 1 });
  });
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.pcap`);
  writeFileSync(file, pcapFile(1, frames));
  const fields = [
    'frame.protocols',
    '_ws.expert.severity',
    '_ws.expert.message',
    '_ws.malformed',
    'udp.payload',
  ];
  // Off by default; without it Wireshark stops at the session header.
  const readMessages = ['-o', 'ipmi.dissect_bus_commands:TRUE'];
  const argv = [
    'tshark',
    '-n',
    '-r',
    file,
    ...readMessages,
    '-T',
    'fields',
    ...fields.flatMap((field) => ['-e', field]),
  ];
  const { stdout } = await run(argv);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return {
    rows,
    protocols: rows.map(([protocols = '']) => protocols),
    complaints: rows.filter(([protocols = '', severity = '', message = '', malformed = '']) => {
      const warning = 6291456;
      // What Wireshark has no parser for it says itself.
      const isUnknown = message === '[PARSER NOT IMPLEMENTED]';
      return (
        malformed !== '' || /malformed|short/i.test(protocols) || (Number(severity) >= warning && !isUnknown)
      );
    }),
  };
}

const clients = [
  ipmitool('ipmitool lan', ['-I', 'lan']),
  ipmitool('ipmitool suite 16', ['-I', 'lanplus', '-C', '16']),
  ipmitool('ipmitool suite 17', ['-I', 'lanplus', '-C', '17']),
  freeipmi('FreeIPMI 1.5', ['-D', 'LAN']),
  freeipmi('FreeIPMI suite 3', ['-D', 'LAN_2_0', '-I', '3']),
  own('our client, suite 2', 2),
  own('our client, suite 17', 17),
];

test.each(clients)('Wireshark finds nothing wrong in what $name and the BMC say', async (client) => {
  const passed = await conversation(client);
  const raw = await dissect(client.name, passed);
  expect(raw.rows).toHaveLength(passed.length);
  expect(raw.complaints).toEqual([]);

  const opened = decryptDatagrams(
    passed.map(({ datagram }) => datagram),
    Buffer.from(adminPassword),
  );
  const isEncrypted = /suite (3|17)/.test(client.name);
  expect(opened.opened > 0).toBe(isEncrypted);
  const plain = await dissect(
    `${client.name} decrypted`,
    passed.map(({ to }, index) => ({ to, datagram: opened.datagrams[index] ?? Buffer.alloc(0) })),
  );
  expect(plain.complaints).toEqual([]);
  // All but the handshake and the serial console are IPMI messages, and are read as such.
  console.log(client.name, [...new Set(plain.protocols)], plain.rows.slice(8, 11));
  const messages = plain.protocols.filter((protocols) => protocols.includes('ipmi'));
  expect(messages.length).toBeGreaterThan(passed.length / 2);
});
