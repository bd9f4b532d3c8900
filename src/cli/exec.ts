import { Command } from 'commander';

export function execCommand(): Command {
  return new Command('exec')
    .summary('run a command inside a lab')
    .description("Runs a command in a host or one of its namespaces. The command's exit code is passed on.")
    .argument('<host>', 'devstack, rack, or HOST/NAMESPACE such as rack/stand-in-1 or devstack/qdhcp-…')
    .argument('<command...>', 'the command, after --')
    .option('--name <name>', 'the lab, where several are up')
    .option('--debug', 'show the stack of an error')
    .passThroughOptions()
    .action(async (host: string, command: string[], options: { readonly name?: string }) => {
      const { chooseRunningLab } = await import('../lab/choose.ts');
      const { resolvePlace } = await import('../lab/place.ts');
      const { runInteractively } = await import('../lab/enter.ts');
      const place = resolvePlace(chooseRunningLab(options.name), host);
      // Options are passed through, and with them the -- that ends them.
      const argv = command[0] === '--' ? command.slice(1) : command;
      process.exitCode = await runInteractively(place, argv);
    });
}
