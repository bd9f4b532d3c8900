import { Command } from 'commander';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

interface ExecOptions extends CommonOptions {
  readonly name?: string;
}

/** A client that needs the conductor, alone or in a command of a shell. */
const openstackClient = /\b(nova|neutron|glance|ironic)\b/;

export function execCommand(): Command {
  const command = new Command('exec')
    .summary('run a command inside a lab')
    .description(
      "Runs a command in a host or one of its namespaces. Input, output, signals and the command's exit code are passed on.",
    )
    .argument('<host>', 'devstack, rack, or HOST/NAMESPACE such as rack/stand-in-1 or devstack/qdhcp-…')
    .argument('<command...>', 'the command, after --')
    .option('--name <name>', 'the lab, where several are up')
    .passThroughOptions();
  return withCommonOptions(command).action(async (host: string, words: string[], options: ExecOptions) => {
    const { chooseRunningLab } = await import('../lab/choose.ts');
    const { resolvePlace } = await import('../lab/place.ts');
    const { runInForeground, runToEnd } = await import('../lab/enter.ts');
    const lab = chooseRunningLab(options.name);
    const place = resolvePlace(lab, host);
    // Options are passed through, and with them the -- that ends them.
    const argv = words[0] === '--' ? words.slice(1) : words;
    if (place.host === lab.devstack && argv.some((word) => openstackClient.test(word))) {
      const { openApi } = await import('../ironic/open.ts');
      await openApi(lab);
    }
    if (options.json) {
      const finished = await runToEnd(place, argv);
      printJson('exec', { host, ...finished });
      process.exitCode = finished.exitCode;
    } else {
      process.exitCode = await runInForeground(place, argv);
    }
  });
}
