import { Command } from 'commander';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';
import { type RealWireOptions, wiringOf, withRealWireOptions } from './real-wire-options.ts';

interface UpCommandOptions extends CommonOptions, RealWireOptions {
  readonly hardwareInfo?: string;
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
  withRealWireOptions(command).option(
    '--hardware-info <file>',
    'BMC passwords of real servers, a line each: BMC_IP MAC USER PASSWORD',
  );
  return withCommonOptions(command).action(async (topology: string, options: UpCommandOptions) => {
    const { openTopology } = await import('./open-topology.ts');
    const { up } = await import('../lab/up.ts');
    const { credentialsFor } = await import('../devstack/credentials-for.ts');
    const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
    const progress = progressFor(options);
    const start = performance.now();
    const opened = await openTopology(topology);
    const name = options.name ?? opened.name;
    const { hardwareInfo, iKnow = false } = options;
    const { lab, built } = await up({
      name,
      topology: opened.topology,
      topologyFile: opened.file,
      accelerator: await chooseAccelerator(progress),
      replace: options.replace ?? false,
      wiring: wiringOf(options),
      iKnow,
      credentials: hardwareInfo === undefined ? [] : credentialsFor(opened.topology, hardwareInfo),
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
