import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnswerFault, answerFaults } from '../../src/bmc/answer-faults.ts';
import { commandName } from '../../src/bmc/transcript.ts';
import { spoiltAnswers } from '../../src/suite/mutation/kinds/ipmi.ts';
import { VirtualBmc } from './virtual-bmc.ts';

const chassis = 0x00;
const app = 0x06;
const folder = mkdtempSync(join(tmpdir(), 'faults-'));
const file = join(folder, 'server-1.json');
const virtual = new VirtualBmc({
  faults: () => answerFaults(file),
  answered: (entry) => entries.push(entry),
});
const entries: unknown[] = [];
const write = (...faults: readonly AnswerFault[]) => writeFileSync(file, JSON.stringify(faults));
let client: Awaited<ReturnType<VirtualBmc['logIn']>>;

beforeAll(async () => {
  client = await virtual.logIn();
});
afterAll(() => rmSync(folder, { recursive: true }));

it('answers as it should while there is no file, one that is not whole, or one for another command', async () => {
  const right = (await client.exchange(chassis, 0x01)).data;
  for (const text of ['', '[{"comm', '[{"command":"Get Device ID","silent":true}]', '[{"command":"x"}]']) {
    writeFileSync(file, text);
    expect((await client.exchange(chassis, 0x01)).data).toEqual(right);
  }
});

it('answers with another code, cut short, or with bits turned round', async () => {
  write({ command: 'Get Chassis Status', completion: 0xc1 });
  expect(await client.exchange(chassis, 0x01)).toMatchObject({ completion: 0xc1, data: Buffer.alloc(0) });
  write({ command: 'Get Chassis Status', truncated: 2 });
  expect((await client.exchange(chassis, 0x01)).data).toHaveLength(2);
  write();
  const { data } = await client.exchange(chassis, 0x01);
  write({ command: 'Get Chassis Status', flipped: { byte: 0, mask: 1 } });
  const spoilt = await client.exchange(chassis, 0x01);
  expect([...spoilt.data]).toEqual([(data[0] ?? 0) ^ 1, ...data.subarray(1)]);
});

it('acknowledges without doing', async () => {
  write({ command: 'Chassis Control', ignored: true });
  expect(await client.exchange(chassis, 0x02, [1])).toMatchObject({ completion: 0 });
  expect(await virtual.chassis.powerState()).toBe('off');
  write();
  await client.exchange(chassis, 0x02, [1]);
  expect(await virtual.chassis.powerState()).toBe('on');
});

it('tells in the transcript what it really answered', async () => {
  write({ command: 'Get Device ID', truncated: 3 });
  await client.exchange(app, 0x01);
  write();
  expect(entries.at(-1)).toMatchObject({ name: 'Get Device ID', completion: 0, answer: '200101' });
});

it('knows every command that is mutated by its name', () => {
  const known = new Set<string | undefined>();
  for (let netFn = 0; netFn < 0x40; netFn += 2) {
    for (let command = 0; command < 0x100; command++) known.add(commandName({ netFn, command }));
  }
  expect(Object.keys(spoiltAnswers).filter((name) => !known.has(name))).toEqual([]);
});
