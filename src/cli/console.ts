import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { nodePath } from '../ironic/node.ts';
import { openConductor } from './conductor-of.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

interface ConsoleOptions extends CommonOptions {
  readonly name?: string;
  readonly recorded?: boolean;
}

export function consoleCommand(): Command {
  const command = new Command('console')
    .summary("a node's serial console")
    .description(
      "Connects this terminal to a node's serial console, by libvirt or serial over LAN as its driver has it. " +
        '^] leaves that of libvirt, ~. at the start of a line that of a BMC. All it says is recorded.',
    )
    .argument('<node>', 'name or UUID')
    .option('--recorded', 'print what was recorded')
    .option('--name <lab>', 'the lab, where several are up');
  return withCommonOptions(command).action(async (node: string, options: ConsoleOptions) => {
    const { runInForeground } = await import('../lab/enter.ts');
    const { consoleLogOf } = await import('../ironic/boot.ts');
    const { lab, api } = await openConductor(options.name);
    const { name } = await api.get<{ name: string }>(nodePath(node));
    if (options.recorded || options.json) {
      const log = consoleLogOf(lab, { name });
      if (!log) throw new LabError('usage', `node ${name} is outside the lab: its console is not recorded`);
      const recorded = readFileSync(log, 'utf8');
      if (options.json) printJson('console', { node: name, recorded });
      else process.stdout.write(recorded);
      return;
    }
    if (!process.stdin.isTTY) {
      throw new LabError('usage', 'a console needs a terminal', { remedy: `lab console ${name} --recorded` });
    }
    const { command } = await api.get<{ command: string[] }>(nodePath(node, 'states/console'));
    process.exitCode = await runInForeground({ host: lab.devstack }, command);
  });
}
