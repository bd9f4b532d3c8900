import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LabError, messageOf } from '../errors.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface ServeOptions extends CommonOptions {
  readonly config?: string;
  readonly bmcName?: string;
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly domain?: string;
  readonly connect?: string;
  readonly inMemory?: boolean;
  readonly suites?: number[];
  readonly kgFile?: string;
  readonly lanplusOnly?: boolean;
  readonly stateFile?: string;
  readonly powerRestored?: boolean;
}

const examples = `
Examples:
  lab bmc serve --address 127.0.0.1 --port 6230 --user admin --password-file pw --in-memory
  lab bmc serve --address 192.0.2.10 --user admin --password-file pw --domain server-1 --state-file s1.json
  lab bmc serve --config bmcs.yaml`;

export function bmcCommand(): Command {
  return new Command('bmc')
    .summary('virtual BMCs: IPMI for libvirt domains')
    .description('Virtual BMCs that every IPMI client can talk to, outside a lab. A lab has its own.')
    .addCommand(serveCommand());
}

function serveCommand(): Command {
  const command = new Command('serve')
    .summary('serve one BMC, or those of a file')
    .description(
      'Serves IPMI 2.0 and 1.5 over LAN until it is interrupted. Changes are kept in the state file.',
    )
    .option('--config <file>', 'serve the BMCs of a YAML file instead of one')
    .option('--bmc-name <name>', 'what the BMC is called in its log; default: the domain, or its address')
    .option('--address <ip>', 'the IPv4 address to listen on')
    .option('--port <port>', 'the UDP port; default 623', number)
    .option('--user <name>', 'the administrator, at most 16 characters')
    .option(
      '--password-file <file>',
      'the administrator’s password, at most 20 bytes: the first line of a file',
    )
    .option('--domain <name>', 'the libvirt domain that the BMC controls')
    .option('--connect <uri>', 'its libvirt; default qemu:///system')
    .option('--in-memory', 'control a machine in memory, to try clients')
    .option('--suites <ids>', 'the cipher suites offered; default 2,3,8,12,16,17', numbers)
    .option('--kg-file <file>', 'the BMC key, at most 20 bytes: the first line of a file')
    .option('--lanplus-only', 'refuse IPMI 1.5 sessions')
    .option('--state-file <file>', 'keep users, settings and the event log here')
    .option('--power-restored', 'mains power has come back: follow the power restore policy')
    .addHelpText('after', examples);
  return withCommonOptions(command).action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { serveEntries } = await import('../bmc/serve-entries.ts');
  const progress = progressFor(options);
  const served = await serveEntries(await entriesOf(options), {
    powerRestored: options.powerRestored ?? false,
    log: (line) => progress.note(line),
  });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  for (const { name, address, port } of served) progress.note(`${name}: listens on ${address}:${port}`);
  if (options.json) {
    printJson('bmc-serve', { bmcs: served.map(({ name, address, port }) => ({ name, address, port })) });
  }
  await ended;
  await Promise.all(served.map((bmc) => bmc.close()));
}

async function entriesOf(options: ServeOptions) {
  const { checkBmcEntry, parseBmcFile } = await import('../bmc/bmc-file.ts');
  if (options.config !== undefined) return parseBmcFile(read(options.config), options.config);
  if ((options.domain === undefined) === !options.inMemory) {
    throw new LabError('usage', 'which machine is the BMC for?', {
      remedy: 'name a libvirt domain with --domain NAME, or say --in-memory',
    });
  }
  const given = {
    name: options.bmcName ?? options.domain ?? options.address,
    address: options.address,
    port: options.port,
    user: options.user,
    password_file: options.passwordFile,
    domain: options.domain,
    connect: options.connect,
    suites: options.suites,
    kg_file: options.kgFile,
    lanplus_only: options.lanplusOnly,
    state_file: options.stateFile,
  };
  return [checkBmcEntry(given, 'the command line')];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LabError('usage', `cannot read ${file}: ${messageOf(error)}`);
  }
}

function number(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value)) return value;
  throw new LabError('usage', `"${text}" is not a whole number`);
}

function numbers(text: string): number[] {
  return text.split(',').map(number);
}
