import { Command } from 'commander';
import { exitCode, LabError } from '../errors.ts';
import { type CommonOptions, printJson, progressFor, withCommonOptions } from './context.ts';

interface DiagnoseOptions extends CommonOptions {
  readonly mac: string;
  readonly bridgeMapping?: string;
  readonly seconds: string;
}

export function diagnoseCommand(): Command {
  const command = new Command('diagnose')
    .summary("where a server's DHCP dies on a machine with Neutron")
    .description(
      "On a machine that runs Open vSwitch and Neutron's agents: captures a server's DHCP at every hop and says where it dies and what is to blame. It reads, and adds nothing but mirrors of its own, which go away. Exit code 1 when something is to blame.",
    )
    .requiredOption('--mac <mac>', 'the NIC that the server boots from')
    .option('--bridge-mapping <mappings>', "such as physnet1:br-eth2; default: the agent's own configuration")
    .option('--seconds <seconds>', 'how long to wait for the server to ask', '60');
  return withCommonOptions(command).action(async (options: DiagnoseOptions) => {
    const { diagnoseMachine } = await import('../diagnose/run.ts');
    const { parseMappings } = await import('../diagnose/take-survey.ts');
    const { wrap } = await import('../report/wrap.ts');
    const mac = options.mac.toLowerCase().replaceAll('-', ':');
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) {
      throw new LabError('usage', `--mac ${options.mac} is no MAC address such as 52:54:00:12:34:56`);
    }
    const seconds = Number(options.seconds);
    if (!(seconds > 0)) throw new LabError('usage', `--seconds ${options.seconds} is no number of seconds`);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const { cause, text, survey, sightings } = await diagnoseMachine({
      mac,
      seconds,
      mappings: options.bridgeMapping === undefined ? {} : parseMappings(options.bridgeMapping),
      onWatching: () =>
        progressFor(options).note(
          `waiting up to ${seconds} s for ${mac} to ask; power it on, or let it boot again`,
        ),
      signal: stop.signal,
    });
    if (options.json) {
      const seen = sightings.map(({ bytes, ...rest }) => ({
        ...rest,
        frame: Buffer.from(bytes).toString('hex'),
      }));
      printJson('diagnose', { mac, cause, text, sightings: seen, survey });
    } else process.stdout.write(`${wrap(text, 100).join('\n')}\n`);
    process.exitCode = cause === 'healthy' ? exitCode.ok : exitCode.claimFailed;
  });
}
