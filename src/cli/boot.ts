import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LabError, messageOf } from '../errors.ts';
import { type Node, nodePath } from '../ironic/node.ts';
import { openConductor } from './conductor-of.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface BootCommandOptions extends CommonOptions {
  readonly name?: string;
  readonly image?: string;
  readonly timeout: string;
  readonly driver?: string;
  readonly network?: string;
  readonly userData?: string;
  readonly watch?: boolean;
  readonly callbackTimeout: string;
  readonly heartbeatTimeout: string;
}

function provisioning(name: 'boot' | 'rebuild', summary: string): Command {
  const command = new Command(name)
    .summary(summary)
    .description(`${summary}: from power on to the login prompt, phase by phase, and where the time went.`)
    .argument('<node>', 'name or UUID')
    .option('--image <image>', 'a name from `lab image list`, or a qcow2 or raw file')
    .option('--driver <driver>', 'a name from `lab drivers`: the node keeps it')
    .option('--user-data <file>', 'a script or #cloud-config for its new system')
    .option('--watch', 'show what the node says on its console')
    .option('--callback-timeout <seconds>', 'how long its ramdisk may take to call', '180')
    .option('--heartbeat-timeout <seconds>', 'how long its agent may be silent', '300')
    .option('--timeout <seconds>', 'how long it may take', '600')
    .option('--name <lab>', 'the lab, where several are up');
  return withCommonOptions(command);
}

/** @throws LabError `usage` for what is no number of seconds */
function milliseconds(seconds: string, option: string): number {
  const number = Number(seconds);
  if (number > 0) return number * 1000;
  throw new LabError('usage', `${option} ${seconds} is no number of seconds`);
}

async function provision(
  verb: 'active' | 'rebuild',
  node: string,
  options: BootCommandOptions,
): Promise<void> {
  const { bootNode } = await import('../ironic/boot.ts');
  const { setDriver, setNetwork } = await import('../ironic/change-node.ts');
  const { chooseImage } = await import('../ironic/images/choose.ts');
  const { newInstance } = await import('../ironic/new-instance.ts');
  const { bootTimeline, howToLogIn } = await import('../report/boot-text.ts');
  const { timedPhases } = await import('../report/boot-times.ts');
  const { leaseOf } = await import('../ironic/node.ts');
  const progress = progressFor(options);
  const { lab, api } = await openConductor(options.name);
  const start = performance.now();
  const timeoutMs = milliseconds(options.timeout, '--timeout');
  if (options.driver !== undefined) await setDriver(api, node, options.driver);
  if (options.network !== undefined) await setNetwork(lab, api, node, options.network);
  const { name, instance_info } = await api.get<Node>(nodePath(node));
  const same = verb === 'rebuild' ? instance_info?.image : undefined;
  const image = await chooseImage(options.image ?? same, progress);
  const instance = newInstance(lab, name, userData(options.userData));
  const report = await bootNode(lab, api, node, {
    verb,
    image,
    configdrive: instance.configdrive,
    deployTimeoutMs: timeoutMs,
    loginTimeoutMs: timeoutMs,
    timers: {
      callbackTimeoutMs: milliseconds(options.callbackTimeout, '--callback-timeout'),
      heartbeatTimeoutMs: milliseconds(options.heartbeatTimeout, '--heartbeat-timeout'),
    },
    ...(options.watch ? { onConsole: (line: string) => progress.note(`  | ${line.trimEnd()}`) } : {}),
    onPhase: ({ name, detail }) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
      progress.note(`  ${seconds} s  ${name}${detail ? `: ${detail}` : ''}`);
    },
  });
  const login = { node: name, user: instance.user, password: instance.password, ip: leaseOf(report.phases) };
  if (options.json) {
    const { node: booted, startedAt, durationMs, promptUnseen } = report;
    printJson('boot', {
      node: booted.name,
      provision_state: booted.provision_state,
      startedAt,
      durationMs,
      phases: timedPhases(report),
      promptUnseen,
      login,
    });
  } else process.stdout.write(`${bootTimeline(report)}\n${howToLogIn(login)}`);
}

/** @throws LabError `usage` when the file cannot be read */
function userData(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LabError('usage', `cannot read the user data: ${messageOf(cause)}`, { cause });
  }
}

export function bootCommand(): Command {
  return provisioning('boot', 'provision a node')
    .option('--network <network>', 'the network to put it on: the node keeps it')
    .action((node: string, options: BootCommandOptions) => provision('active', node, options));
}

export function rebuildCommand(): Command {
  return provisioning('rebuild', 'provision a node anew').action(
    (node: string, options: BootCommandOptions) => provision('rebuild', node, options),
  );
}

export function undeployCommand(): Command {
  const command = new Command('undeploy')
    .summary('tear a node down, so that it is available again')
    .description('Takes the instance off a node: its power off, its files and DHCP options away.')
    .argument('<node>', 'name or UUID')
    .option('--name <lab>', 'the lab, where several are up');
  return withCommonOptions(command).action(
    async (node: string, options: CommonOptions & { readonly name?: string }) => {
      const { undeployNode } = await import('../ironic/boot.ts');
      const { api } = await openConductor(options.name);
      const after = await undeployNode(api, node);
      if (options.json) printJson('undeploy', { node: after.name, provision_state: after.provision_state });
    },
  );
}
