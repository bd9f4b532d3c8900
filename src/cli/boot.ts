import { Command } from 'commander';
import { LabError } from '../errors.ts';
import { openConductor } from './conductor-of.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface BootCommandOptions extends CommonOptions {
  readonly name?: string;
  readonly image?: string;
  readonly timeout: string;
  readonly driver?: string;
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

/** The name of an image in the store; a file is taken into it. */
async function imageName(nameOrFile: string): Promise<string> {
  if (!nameOrFile.includes('/') && !/\.(qcow2|raw|img)$/.test(nameOrFile)) return nameOrFile;
  const { importImage } = await import('../ironic/images/import.ts');
  const { ImageStore } = await import('../ironic/images/store.ts');
  return (await importImage(new ImageStore(), nameOrFile)).name;
}

async function provision(
  verb: 'active' | 'rebuild',
  node: string,
  options: BootCommandOptions,
): Promise<void> {
  const { bootNode, setDriver } = await import('../ironic/boot.ts');
  const { bootTimeline } = await import('../report/boot-text.ts');
  const progress = progressFor(options);
  const { lab, api } = await openConductor(options.name);
  const start = performance.now();
  const timeoutMs = milliseconds(options.timeout, '--timeout');
  if (options.driver !== undefined) await setDriver(api, node, options.driver);
  const report = await bootNode(lab, api, node, {
    verb,
    image: await imageName(options.image ?? 'lab-os'),
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
  if (options.json) {
    const { node: booted, phases, startedAt, durationMs } = report;
    printJson('boot', {
      node: booted.name,
      provision_state: booted.provision_state,
      startedAt,
      durationMs,
      phases,
    });
  } else process.stdout.write(`${bootTimeline(report)}\n`);
}

export function bootCommand(): Command {
  return provisioning('boot', 'provision a node').action((node: string, options: BootCommandOptions) =>
    provision('active', node, options),
  );
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
