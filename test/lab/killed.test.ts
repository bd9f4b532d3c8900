import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine } from '../machine.ts';

let machine: Machine;
let before: Traces;

beforeAll(async () => {
  machine = await Machine.start();
  // What is made once, such as libvirt's list of what QEMU can do, is no leak.
  await machine.lab('root', ['up', 'flat']);
  await machine.lab('root', ['down', '--all']);
  before = traces(machine);
});
afterAll(() => machine?.end());

/** How long a command takes, in ms. */
async function duration(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { exitCode, stderr } = await machine.start('root', args).ended;
  expect(exitCode, stderr).toBe(0);
  return performance.now() - start;
}

/** `count` moments spread over a duration, in ms. */
function moments(count: number, durationMs: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(((index + 0.5) / count) * durationMs));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('up killed at 20 moments: the next up builds the lab, down leaves nothing', async () => {
  const up = ['up', 'flat'];
  const durationMs = await duration(up);
  await machine.lab('root', ['down', '--all']);
  for (const [index, ms] of moments(20, durationMs).entries()) {
    const running = machine.start('root', up);
    await pause(ms);
    running.signal('SIGKILL');
    await running.ended;
    if (index % 4 === 3) {
      const next = await machine.lab('root', up);
      expect(next.exitCode, `after ${ms} ms: ${next.stderr}`).toBe(0);
    }
    const down = await machine.lab('root', ['down', '--all']);
    expect(down.exitCode, `after ${ms} ms: ${down.stderr}`).toBe(0);
    await expectTraces(machine, before);
  }
});

test('a scenario killed at 20 moments: the next command ends its lab', async () => {
  const scenario = ['scenario', 'dhcp-from-physical', '--topology', 'flat'];
  const durationMs = await duration(scenario);
  for (const ms of moments(20, durationMs)) {
    const running = machine.start('root', scenario);
    await pause(ms);
    running.signal('SIGKILL');
    await running.ended;
    const down = await machine.lab('root', ['down', '--all']);
    expect(down.exitCode, `after ${ms} ms: ${down.stderr}`).toBe(0);
    await expectTraces(machine, before);
  }
});
