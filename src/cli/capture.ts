import { Command, InvalidArgumentError } from 'commander';
import { exitCode } from '../errors.ts';
import type { PointCounts } from '../evidence/live-capture.ts';
import { type CommonOptions, printJson, progressFor } from './context.ts';

interface CaptureOptions extends CommonOptions {
  readonly name?: string;
  readonly write?: string;
  readonly filter?: string;
  readonly count?: number;
  readonly seconds?: number;
}

export function captureCommand(): Command {
  return new Command('capture')
    .summary('see the frames at points of a lab as they pass')
    .description(
      'Captures at points of a running lab until Ctrl-C: a line a frame, or a pcapng file with an interface a point. A point is HOST/INTERFACE (the beginning of the interface will do), or what is behind it, such as dnsmasq. Bridges and patch ports are seen through mirrors, which are removed afterwards. Exit code 3 when frames were lost.',
    )
    .argument('[point...]', "default: the topology's capture points that are there")
    .option(
      '-w, --write <file>',
      'write a pcapng file; - is standard output, for Wireshark: wireshark -k -i -',
    )
    .option(
      '-f, --filter <expression>',
      'only the frames that match, in the syntax of pcap-filter(7); tagged frames match as untagged ones do unless it says vlan',
    )
    .option('-c, --count <frames>', 'end after so many frames', positive)
    .option('-s, --seconds <seconds>', 'end after so many seconds', positive)
    .option('--name <name>', 'the lab, where several are up')
    .option('--json', 'print each frame as one line of JSON; with --write FILE one document at the end')
    .option('-q, --quiet', 'no counts on standard error')
    .option('--debug', 'show the stack of an error')
    .action(capture);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('a number greater than 0 is expected.');
  return number;
}

async function capture(texts: string[], options: CaptureOptions): Promise<void> {
  const { chooseRunningLab } = await import('../lab/choose.ts');
  const { choosePoints, pointsThere } = await import('../evidence/choose-points.ts');
  const { LiveCapture } = await import('../evidence/live-capture.ts');
  const { refuseLosses } = await import('../evidence/lost-frames.ts');
  const { compileFilter } = await import('../linux/pcap-filter.ts');
  const { openFrameSink } = await import('../report/frame-sink.ts');
  const { hostIsAlive } = await import('../linux/host.ts');
  const { labPlan } = await import('../lab/plan.ts');
  const { pointLabels } = await import('../scenarios/points.ts');
  const { linkTypes } = await import('../packets/frame.ts');
  const lab = chooseRunningLab(options.name);
  const labels = pointLabels(labPlan(lab.topology));
  // Checked first: tcpdump would refuse it at each point in turn.
  if (options.filter !== undefined) await compileFilter(options.filter, linkTypes.ethernet);
  const points =
    texts.length > 0
      ? await choosePoints(lab, texts, labels, { there: true })
      : await pointsThere(lab, lab.topology.capture_points);
  const ending = new Ending(options.seconds);
  const sink = openFrameSink({ ...options, lab: lab.name, points, labels, onClosed: () => ending.end() });
  const progress = progressFor(options);
  let given = 0;
  const live = await LiveCapture.start(points, options.filter, (frames) => {
    const rest = options.count === undefined ? frames : frames.slice(0, options.count - given);
    given += rest.length;
    sink.take(rest);
    if (given === options.count) ending.end();
  });
  progress.note(`capturing at ${points.map(({ name }) => name).join(', ')}; Ctrl-C ends it`);
  const why = await Promise.race([ending.asked, live.ended.then(() => 'ended' as const)]);
  if (why === 'ended') progress.note(hostIsAlive(lab.devstack) ? 'no point is left' : 'the lab has ended');
  const counts = await live.stop();
  sink.close();
  if (options.json && options.write !== undefined && options.write !== '-') {
    printJson('capture', { lab: lab.name, file: options.write, points: counts });
  }
  tell(counts, (line) => progress.note(line));
  ending.done();
  refuseLosses(counts);
}

function tell(counts: readonly PointCounts[], note: (line: string) => void): void {
  const width = Math.max(...counts.map(({ point }) => point.length));
  for (const { point, frames, lost } of counts) {
    const told = `${point.padEnd(width)}  ${frames} frame${frames === 1 ? '' : 's'}`;
    note(lost === 0 ? told : `${told}, ${lost} lost`);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What ends a capture: the user, whose way to do so is Ctrl-C, or a limit. Once more and it is left at once. */
class Ending {
  readonly asked: Promise<void>;
  end: () => void = () => undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onSignal: () => void;

  constructor(seconds: number | undefined) {
    this.asked = new Promise((resolve) => {
      this.end = resolve;
    });
    let signalled = false;
    this.onSignal = () => {
      if (signalled) process.exit(exitCode.interrupted);
      signalled = true;
      this.end();
    };
    for (const signal of signals) process.on(signal, this.onSignal);
    if (seconds !== undefined) this.timer = setTimeout(() => this.end(), seconds * 1000);
  }

  done(): void {
    clearTimeout(this.timer);
    for (const signal of signals) process.off(signal, this.onSignal);
  }
}
