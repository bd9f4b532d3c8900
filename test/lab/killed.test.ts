import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../src/wait.ts';
import { expectTraces, type Traces, traces } from '../leaks.ts';
import { Machine, type User } from '../machine.ts';

const minutes = 60_000;

/** What is done before and after each kill. */
interface Around {
  readonly before?: () => Promise<void>;
  readonly after?: (index: number, when: string) => Promise<void>;
}

/** How often each command of a user is killed. */
const users: readonly (readonly [User, number])[] = [
  ['root', 20],
  ['alice', 10],
];

describe.each(users)('as %s, killed at %i moments', (user, count) => {
  let machine: Machine;
  let before: Traces;

  beforeAll(async () => {
    machine = await Machine.start();
    // What is made once, such as libvirt's list of what QEMU can do, is no leak.
    await machine.lab(user, ['up', 'flat']);
    await machine.lab(user, ['down', '--all']);
    before = traces(machine);
  });
  afterAll(() => machine?.end());

  /** How long a command takes, in ms. */
  async function duration(args: readonly string[]): Promise<number> {
    const start = performance.now();
    const { exitCode, stderr } = await machine.start(user, args).ended;
    expect(exitCode, stderr).toBe(0);
    return performance.now() - start;
  }

  /** Kills a command at moments spread over its duration. */
  async function killed(moments: number, args: readonly string[], around: Around = {}): Promise<void> {
    await around.before?.();
    const durationMs = await duration(args);
    await machine.lab(user, ['down', '--all']);
    for (let index = 0; index < moments; index++) {
      await around.before?.();
      const ms = Math.round(((index + Math.random()) / moments) * durationMs);
      const when = `killed after ${ms} ms of ${Math.round(durationMs)}`;
      const running = machine.start(user, args);
      await new Promise((resolve) => setTimeout(resolve, ms));
      running.signal('SIGKILL');
      await running.ended;
      await around.after?.(index, when);
      const down = await machine.lab(user, ['down', '--all']);
      expect(down.exitCode, `${when}: ${down.stderr}`).toBe(0);
      await expectTraces(machine, before);
    }
  }

  test(
    'up: the next up builds the lab, down leaves nothing',
    () =>
      killed(count, ['up', 'flat'], {
        after: async (index, when) => {
          if (index % 4 !== 3) return;
          const next = await machine.lab(user, ['up', 'flat']);
          expect(next.exitCode, `${when}: ${next.stderr}`).toBe(0);
        },
      }),
    4 * minutes,
  );

  test(
    'the first up, which also tries accelerators and asks QEMU what it can do',
    () =>
      killed(count / 5, ['up', 'flat'], {
        before: async () => void (await machine.sh(user, 'rm -rf ~/.local/state/lab/cache')),
      }),
    4 * minutes,
  );

  test('doctor while it tries an accelerator: no QEMU is left that never ends', async () => {
    const qemu = '/usr/bin/qemu-system-x86_64';
    const input = '#!/bin/sh\nexec sleep 4242\n';
    const script = `cat > /run/etc/fake; chmod +x /run/etc/fake; mount --bind /run/etc/fake ${qemu}`;
    await machine.sh('root', script, { input });
    try {
      const doctor = machine.start(user, ['doctor']);
      const tries = () => machine.sh('root', 'pgrep -f "^sleep 4242" || true');
      await waitFor('a trial', async () => (await tries()) || undefined, { timeoutMs: 20_000 });
      doctor.signal('SIGKILL');
      await doctor.ended;
    } finally {
      await machine.sh('root', `umount ${qemu}; rm -f /run/etc/fake`);
    }
    await machine.lab(user, ['down', '--all']);
    await expectTraces(machine, before);
  });

  test(
    'a scenario: the next command ends its lab',
    () => killed(count, ['scenario', 'dhcp-from-physical', '--topology', 'flat']),
    4 * minutes,
  );
});
