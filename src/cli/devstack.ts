import { Command } from 'commander';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';
import { type RealWireOptions, wiringOf, withRealWireOptions } from './real-wire-options.ts';

interface DevstackCommandOptions extends CommonOptions, RealWireOptions {
  readonly localrc: string;
  readonly hardwareInfo?: string;
  readonly name: string;
  readonly writeTopology?: boolean;
  readonly replace?: boolean;
}

export function devstackCommand(): Command {
  const command = new Command('devstack')
    .summary("build the lab that DevStack's files describe")
    .description(
      "Reads DevStack's localrc (or local.conf) and hardware_info, builds the lab they describe, and enrolls its servers.",
    )
    .requiredOption('--localrc <file>', 'assignments of DevStack; read, never executed')
    .option(
      '--hardware-info <file>',
      'a server a line: BMC_IP MAC USER PASSWORD; default: IRONIC_IPMIINFO_FILE',
    )
    .option('--write-topology', 'print the topology instead of building it')
    .option('--name <name>', 'the name of the lab', 'devstack')
    .option('--replace', 'end a lab of that name that has another topology');
  return withCommonOptions(withRealWireOptions(command)).action(async (options: DevstackCommandOptions) => {
    const { readDevstack } = await import('../devstack/read.ts');
    const { localrc, hardwareInfo, name, iKnow = false } = options;
    const wiring = wiringOf(options);
    const progress = progressFor(options);
    const start = performance.now();
    const read = readDevstack({ localrc, ...(hardwareInfo === undefined ? {} : { hardwareInfo }) }, name, {
      real: wiring.uplink !== null,
    });
    for (const note of read.notes) progress.note(note);
    for (const { name: variable, line } of read.unknown) {
      progress.note(`${localrc}:${line}: ${variable} is not known to the lab`);
    }
    if (options.writeTopology) {
      if (options.json)
        printJson('devstack', { topology: read.topology, unknown: read.unknown, notes: read.notes });
      else process.stdout.write(read.yaml);
      return;
    }
    const { resolve } = await import('node:path');
    const { up } = await import('../lab/up.ts');
    const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
    const { enrollWith } = await import('../devstack/enroll.ts');
    const { lab, built } = await up({
      name,
      topology: read.topology,
      topologyFile: resolve(localrc),
      accelerator: await chooseAccelerator(progress),
      replace: options.replace ?? false,
      credentials: read.credentials,
      wiring,
      iKnow,
      progress,
    });
    const nodes = await enrollWith(lab, read.driver);
    const durationMs = Math.round(performance.now() - start);
    progress.note(
      `lab ${name} is up${built ? ` (${durationMs} ms)` : ' already'}; enrolled with ${read.driver}: ${nodes.join(', ')}`,
    );
    if (options.json) {
      printJson('devstack', {
        name,
        built,
        driver: read.driver,
        nodes,
        unknown: read.unknown,
        notes: read.notes,
        durationMs,
      });
    }
  });
}
