import { Command, Option } from 'commander';
import type { BootDevice } from '../bmc/chassis.ts';
import type { IpmiClient } from '../bmc/client.ts';
import type { IpmiTarget } from '../bmc/client-login.ts';
import type { PowerActionName } from '../bmc/client-power.ts';
import { LabError } from '../errors.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface IpmiOptions extends CommonOptions {
  readonly address?: string;
  readonly port?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly kgFile?: string;
  readonly suite?: string;
  readonly privilege: Privilege;
  readonly persistent?: boolean;
  readonly efi?: boolean;
  readonly steal?: boolean;
  readonly timeout: string;
  readonly name?: string;
}

type Privilege = 'user' | 'operator' | 'administrator';

const details = `
Verbs:
  power status|on|off|cycle|reset|soft|diag   commanded once, then polled until the effect is seen
  bootdev [pxe|disk|safe|diag|cdrom|bios|floppy|none]   without a device: tells what is set
  sol                  the serial console; ~. at the start of a line leaves, ~B sends a break
  sel [list|clear]     the event log
  sdr                  the sensors
  fru                  the machine's inventory
  info                 who the BMC is

Examples:
  lab ipmi server-1 power on
  lab ipmi --address 192.0.2.10 --user admin --password-file pw bootdev pxe --persistent`;

export function ipmiCommand(): Command {
  const command = new Command('ipmi')
    .summary("talk to a node's BMC")
    .description('Talks IPMI 2.0 to the BMC of a lab’s node, or to any other with --address.')
    .argument('<words...>', 'the node (unless --address is given), a verb and what it takes')
    .option('--address <host>', 'the BMC’s address instead of a node')
    .option('--port <port>', 'its UDP port; default 623')
    .option('--user <name>', 'who logs in')
    .option('--password-file <file>', 'the password: the first line of a file')
    .option('--kg-file <file>', 'the BMC key: the first line of a file')
    .option('--suite <id>', 'the cipher suite; default: the best that the BMC offers')
    .addOption(
      new Option('--privilege <level>', 'the privilege asked for')
        .choices(['user', 'operator', 'administrator'])
        .default('administrator'),
    )
    .option('--persistent', 'bootdev: for every boot from now on, not for the next one only')
    .option('--efi', 'bootdev: boot by UEFI')
    .option('--steal', 'sol: take the console away from another session')
    .option('--timeout <seconds>', 'power: how long the effect may take', '60')
    .option('--name <lab>', 'the lab of the node, where several are up')
    .addHelpText('after', details);
  return withCommonOptions(command).action(async (words: string[], options: IpmiOptions) => {
    const [node = '', ...verbWords] = options.address === undefined ? words : ['', ...words];
    if (node === '') await act(verbWords, options);
    else await actInLab(node, verbWords, options);
  });
}

/** A lab's BMCs are on its management link: the same command runs again in devstack, where that leads. */
async function actInLab(node: string, words: readonly string[], options: IpmiOptions): Promise<void> {
  const { chooseRunningLab } = await import('../lab/choose.ts');
  const { serversWithBmc } = await import('../topology/nodes.ts');
  const { bmcPasswordFile } = await import('../lab/build-bmcs.ts');
  const { runInForeground } = await import('../lab/enter.ts');
  const { programInHost } = await import('../lab/software.ts');
  verbOf(words);
  const lab = chooseRunningLab(options.name);
  const servers = serversWithBmc(lab.topology);
  const server = servers.find(({ name }) => name === node);
  if (!server) {
    throw new LabError('usage', `lab ${lab.name} has no server "${node}" with a BMC`, {
      remedy: `one of ${servers.map(({ name }) => name).join(', ') || 'none: its topology has none'}`,
    });
  }
  const { ip, username } = server.bmc;
  const outside = server.kind === 'external' ? server.bmc : undefined;
  const target = ['--address', ip, '--user', username, '--password-file', bmcPasswordFile(node)];
  process.exitCode = await runInForeground({ host: lab.devstack }, [
    ...programInHost('lab'),
    'ipmi',
    ...words,
    ...target,
    ...(outside ? ['--port', String(outside.port)] : []),
    ...handedOn({ ...options, suite: options.suite ?? outside?.cipher_suite?.toString() }),
  ]);
}

/** The options that the command in devstack is given too; a file of the machine's would not be there. */
function handedOn(options: Omit<IpmiOptions, 'suite'> & { readonly suite: string | undefined }): string[] {
  const { suite, privilege, timeout } = options;
  const flags = (['persistent', 'efi', 'steal', 'json', 'quiet', 'debug'] as const).filter(
    (flag) => options[flag],
  );
  return [
    ...(suite === undefined ? [] : ['--suite', suite]),
    ...['--privilege', privilege, '--timeout', timeout],
    ...flags.map((flag) => `--${flag}`),
  ];
}

async function act(words: readonly string[], options: IpmiOptions): Promise<void> {
  const { connectIpmi } = await import('../bmc/client.ts');
  const { run, rest } = verbOf(words);
  const client = await connectIpmi(await targetOf(options));
  try {
    await run(client, rest, options);
  } finally {
    await client.close();
  }
}

function verbOf([verb, ...rest]: readonly string[]): {
  readonly run: Verb;
  readonly rest: readonly string[];
} {
  const run = verbs[verb ?? ''];
  if (!run) {
    throw new LabError('usage', verb ? `there is no verb "${verb}"` : 'what is the BMC to be asked?', {
      remedy: `one of ${Object.keys(verbs).join(', ')}; see lab ipmi --help`,
    });
  }
  return { run, rest };
}

async function targetOf(options: IpmiOptions): Promise<IpmiTarget> {
  const { privilege } = await import('../bmc/privilege.ts');
  const { readSecretFile } = await import('../bmc/secret-file.ts');
  const asked = {
    privilege: privilege[options.privilege],
    ...(options.port === undefined ? {} : { port: whole(options.port, 'port') }),
    ...(options.suite === undefined ? {} : { suite: whole(options.suite, 'suite') }),
    ...(options.kgFile === undefined ? {} : { kg: Buffer.from(readSecretFile(options.kgFile)) }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.passwordFile === undefined ? {} : { password: readSecretFile(options.passwordFile) }),
  };
  const { user, password } = asked;
  if (options.address === undefined || user === undefined || password === undefined) {
    throw new LabError('usage', '--address needs --user and --password-file beside it');
  }
  return { ...asked, address: options.address, user, password };
}

type Verb = (client: IpmiClient, words: readonly string[], options: IpmiOptions) => Promise<void>;

const verbs: Readonly<Record<string, Verb>> = { power, bootdev, sol, sel, sdr, fru, info };

async function power(client: IpmiClient, [action = 'status']: readonly string[], options: IpmiOptions) {
  const { powerActions, readPower, setPower } = await import('../bmc/client-power.ts');
  if (action !== 'status') {
    const name = oneOf('power action', action, Object.keys(powerActions) as PowerActionName[]);
    await setPower(client, name, whole(options.timeout, 'timeout') * 1_000);
  }
  const state = await readPower(client);
  if (options.json) printJson('ipmi-power', { power: state });
  else process.stdout.write(`power is ${state}\n`);
}

async function bootdev(client: IpmiClient, [device]: readonly string[], options: IpmiOptions) {
  const { readBoot, setBoot } = await import('../bmc/client-power.ts');
  if (device === 'none') await setBoot(client, undefined, false);
  else if (device !== undefined) {
    const known: BootDevice[] = ['pxe', 'disk', 'safe', 'diag', 'cdrom', 'bios', 'floppy'];
    const target = { device: oneOf('boot device', device, known), efi: options.efi ?? false };
    await setBoot(client, target, options.persistent ?? false);
  }
  const { valid, persistent, target } = await readBoot(client);
  const set = valid && target ? { ...target, persistent } : undefined;
  if (options.json) printJson('ipmi-bootdev', { boot: set ?? null });
  else if (set) {
    const often = set.persistent ? 'every boot' : 'the next boot only';
    process.stdout.write(`boots from ${set.device}${set.efi ? ' by UEFI' : ''}, ${often}\n`);
  } else process.stdout.write('boots as its own firmware says\n');
}

async function sol(client: IpmiClient, _: readonly string[], options: IpmiOptions) {
  const { deactivateSol } = await import('../bmc/sol-client.ts');
  const { runSolTerminal } = await import('../bmc/sol-terminal.ts');
  if (options.steal) await deactivateSol(client);
  const progress = progressFor(options);
  await runSolTerminal(client, (line) => progress.note(line));
}

async function sel(client: IpmiClient, [action = 'list']: readonly string[], options: IpmiOptions) {
  const { clearLog, readLog } = await import('../bmc/client-inventory.ts');
  if (oneOf('log action', action, ['list', 'clear']) === 'clear') await clearLog(client);
  const entries = await readLog(client);
  if (options.json) printJson('ipmi-sel', { entries });
  else await printTable(entries.map(({ id, time, sensor, event }) => [String(id), time, sensor, event]));
}

async function sdr(client: IpmiClient, _: readonly string[], options: IpmiOptions) {
  const { readSensors } = await import('../bmc/client-inventory.ts');
  const sensors = await readSensors(client);
  if (options.json) printJson('ipmi-sdr', { sensors });
  else await printTable(sensors.map(({ name, reading }) => [name, reading]));
}

async function fru(client: IpmiClient, _: readonly string[], options: IpmiOptions) {
  const { readFru } = await import('../bmc/client-inventory.ts');
  const fields = await readFru(client);
  if (options.json) printJson('ipmi-fru', { fields });
  else await printTable(fields.map(({ area, name, value }) => [`${area} ${name}`, value]));
}

async function info(client: IpmiClient, _: readonly string[], options: IpmiOptions) {
  const { readDevice } = await import('../bmc/client-inventory.ts');
  const device = await readDevice(client);
  if (options.json) {
    printJson('ipmi-info', { device });
    return;
  }
  await printTable([
    ['IPMI version', device.ipmiVersion],
    ['firmware', device.firmware],
    ['device id', String(device.deviceId)],
    ['manufacturer', String(device.manufacturer)],
    ['product', String(device.product)],
    ['system GUID', device.guid],
    ['cipher suite of this session', String(device.suite)],
  ]);
}

async function printTable(rows: readonly (readonly string[])[]): Promise<void> {
  const { table } = await import('../report/table.ts');
  process.stdout.write(
    table(rows)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function oneOf<T extends string>(what: string, word: string, known: readonly T[]): T {
  const found = known.find((each) => each === word);
  if (found !== undefined) return found;
  throw new LabError('usage', `"${word}" is no ${what}`, { remedy: `one of ${known.join(', ')}` });
}

function whole(text: string, what: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new LabError('usage', `--${what} wants a whole number, not "${text}"`);
}
