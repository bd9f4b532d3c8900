import { Command } from 'commander';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface UpCommandOptions extends CommonOptions {
  readonly name?: string;
  readonly replace?: boolean;
}

export function upCommand(): Command {
  const command = new Command('up')
    .summary('build a lab')
    .description(
      'Builds the networks of a topology: its hosts, bridges, rules, dnsmasq, switch, servers and VMs.',
    )
    .argument('<topology>', 'a name from `lab topologies`, or the path of a YAML file')
    .option('--name <name>', 'the name of the lab; default: that of the topology')
    .option('--replace', 'end a lab of that name that has another topology');
  return withCommonOptions(command).action(async (topology: string, options: UpCommandOptions) => {
    const { openTopology } = await import('./open-topology.ts');
    const { up } = await import('../lab/up.ts');
    const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
    const progress = progressFor(options);
    const start = performance.now();
    const opened = await openTopology(topology);
    const name = options.name ?? opened.name;
    const { lab, built } = await up({
      name,
      topology: opened.topology,
      topologyFile: opened.file,
      accelerator: await chooseAccelerator(progress),
      replace: options.replace ?? false,
      progress,
    });
    const durationMs = Math.round(performance.now() - start);
    progress.note(
      built
        ? `lab ${name} is up (${durationMs} ms); look around with: lab shell`
        : `lab ${name} is up already`,
    );
    if (options.json) {
      printJson('up', { name: lab.name, built, topology: opened.file, durationMs, steps: progress.steps });
    }
  });
}
