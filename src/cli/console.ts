import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { nodePath } from '../ironic/node.ts';
import { openConductor } from './conductor-of.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

interface ConsoleOptions extends CommonOptions {
  readonly name?: string;
  readonly recorded?: boolean;
}

/** `lab console`, which is `lab node console` as well. */
export function consoleCommand(): Command {
  const command = new Command('console')
    .summary("a node's serial console")
    .description(
      "Connects this terminal to a node's serial console, by libvirt or serial over LAN as its driver has it. " +
        '^] leaves that of libvirt, ~. at the start of a line that of a BMC. All it says is recorded, with the time.',
    )
    .argument('<node>', 'name or UUID')
    .option('--recorded', 'print what was recorded, each line with the time it came')
    .option('--name <lab>', 'the lab, where several are up');
  return withCommonOptions(command).action(async (node: string, options: ConsoleOptions) => {
    const { consoleLogOf } = await import('../ironic/boot.ts');
    const { lab, api } = await openConductor(options.name);
    const { name } = await api.get<{ name: string }>(nodePath(node));
    if (options.recorded || options.json) {
      await printRecorded(name, consoleLogOf(lab, { name }), options);
      return;
    }
    if (!process.stdin.isTTY) {
      throw new LabError('usage', 'a console needs a terminal', { remedy: `lab console ${name} --recorded` });
    }
    const { runInForeground } = await import('../lab/enter.ts');
    const { command } = await api.get<{ command: string[] }>(nodePath(node, 'states/console'));
    process.exitCode = await runInForeground({ host: lab.devstack }, command);
  });
}

async function printRecorded(node: string, log: string, options: ConsoleOptions): Promise<void> {
  const { existsSync } = await import('node:fs');
  if (!existsSync(log)) {
    throw new LabError('usage', `node ${node} has no recorded console`, {
      remedy: 'a node of the lab has one from when it is first powered on',
    });
  }
  const { readRecordedLines } = await import('../libvirt/console-times.ts');
  const lines = readRecordedLines(log);
  if (options.json) printJson('console', { node, lines });
  else {
    const { recordedText } = await import('../report/console-text.ts');
    process.stdout.write(recordedText(lines));
  }
}
