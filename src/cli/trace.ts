import { Command } from 'commander';
import { exitCode } from '../errors.ts';
import type { CommonOptions } from './context.ts';
import { printJson } from './context.ts';

interface TraceOptions extends CommonOptions {
  readonly name?: string;
  readonly send?: boolean;
}

export function traceCommand(): Command {
  return new Command('trace')
    .summary('follow a frame through all bridges, rule by rule')
    .description(
      'Asks Open vSwitch (ofproto/trace) which rules a frame meets on its way from a point, and says in words what each does. With --send, or for a frame of a capture at several points, it says whether captures agree; exit code 1 when they do not.',
    )
    .argument('<point>', 'where it comes in: a port of a bridge, or a server of the rack')
    .argument(
      '<frame...>',
      'dhcp-discover [from NAME|MAC] [vlan ID], arp who-has IP, ping IP, tftp-read FILE to IP, fields of ovs-fields(7), hexadecimal, or FILE:NUMBER of a capture',
    )
    .option('--send', 'really send the frame there, and capture at all points')
    .option('--name <name>', 'the lab, where several are up')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .option('--debug', 'show the stack of an error')
    .action(trace);
}

async function trace(pointText: string, words: string[], options: TraceOptions): Promise<void> {
  const { chooseRunningLab } = await import('../lab/choose.ts');
  const { labPlan } = await import('../lab/plan.ts');
  const { pointLabels } = await import('../scenarios/points.ts');
  const { choosePoints } = await import('../evidence/choose-points.ts');
  const { traceInLab } = await import('../evidence/trace-lab.ts');
  const lab = chooseRunningLab(options.name);
  const labels = pointLabels(labPlan(lab.topology));
  const [point] = await choosePoints(lab, [pointText], labels, { there: options.send ?? false });
  const traced = await traceInLab(lab, point?.name ?? pointText, words, { send: options.send ?? false });
  if (options.json) {
    const { frame, ...rest } = traced;
    printJson('trace', { lab: lab.name, frame: Buffer.from(frame).toString('hex'), ...rest });
  } else {
    const { traceText } = await import('../report/trace-text.ts');
    process.stdout.write(`${traceText(traced, labels)}\n`);
  }
  if (traced.captures?.agrees === false) process.exitCode = exitCode.claimFailed;
}
