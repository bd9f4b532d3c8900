import { Command, InvalidArgumentError } from 'commander';
import { LabError } from '../errors.ts';
import type { ReportFile } from '../report/report-files.ts';
import type { PlannedRun } from '../suite/plan.ts';
import type { SuiteProgress } from '../suite/run-suite.ts';
import { bundleFolder } from './bundle-folder.ts';
import { type CommonOptions, progressFor } from './context.ts';
import { packageRoot, packageVersion } from './package.ts';

interface SuiteCommandOptions extends Omit<CommonOptions, 'json'> {
  readonly topology?: string[];
  readonly tag?: string[];
  readonly without?: string[];
  readonly jobs?: number;
  readonly shard?: string;
  readonly retries: number;
  readonly deadline?: number;
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly mutate?: boolean;
  readonly list?: boolean;
  readonly junit?: string;
  readonly html?: string;
  readonly bundle?: string;
  readonly json?: string | true;
}

export function suiteCommand(): Command {
  return new Command('suite')
    .summary('run all scenarios on all their topologies, for CI')
    .description(
      'Runs each scenario on each topology that it declares, every run in a lab and a process of its own, as many at once as memory and cores allow.',
    )
    .argument(
      '[pattern...]',
      'names of scenarios, in which * and ? stand for other characters, or paths of files or folders; default: all that `lab scenarios` lists',
    )
    .option('-t, --topology <topology...>', 'on these topologies alone')
    .option('--tag <tag...>', 'only scenarios with one of these tags')
    .option('--without <tag...>', 'no scenarios with one of these tags, such as provisioning')
    .option('-j, --jobs <number>', 'so many runs at once, whatever cores there are', wholeFrom(1))
    .option('--shard <i/n>', 'one of n parts, which together are the whole suite')
    .option('--retries <number>', 'try a run that does not pass so many times again', wholeFrom(0), 0)
    .option('--deadline <seconds>', 'end a run that takes longer; default: by its weight', wholeFrom(1))
    .option('--shuffle', 'in a random order, not the longest first')
    .option('--seed <number>', 'in the random order of this seed', wholeFrom(0))
    .option(
      '--mutate',
      'remove or corrupt one thing after the other that labs install, and see who notices; default topologies: flat and vlan',
    )
    .option('--list', 'print the runs, and run nothing')
    .option('--junit <file>', 'write a report in the XML of JUnit')
    .option('--html <file>', 'write a report to read in a browser, one file that needs no other')
    .option('--json [file.json]', 'write the result as one JSON document, by default to standard output')
    .option('--bundle <folder>', 'keep there all that is needed to see failures again')
    .option('-q, --quiet', 'no progress on standard error')
    .option('--debug', 'show the stack of an error')
    .action(suite);
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`a whole number from ${least} on is expected.`);
  };
}

async function suite(patterns: string[], options: SuiteCommandOptions): Promise<void> {
  const { planSuite } = await import('../suite/plan.ts');
  const { parseShard, runsOfShard } = await import('../suite/shard.ts');
  const { checkReportFiles, writeReports } = await import('../report/report-files.ts');
  const { chooseAccelerator } = await import('../libvirt/accelerator.ts');
  const { machineRoom } = await import('../linux/room.ts');
  const { capacityOf } = await import('../suite/capacity.ts');
  const { reportedSuite } = await import('../suite/reported-suite.ts');
  const { suiteExitCode } = await import('../suite/exit-code.ts');
  const { suiteJson } = await import('../report/suite-json.ts');
  const { suiteText } = await import('../report/suite-text.ts');
  const { annotations } = await import('../report/annotations.ts');
  const shard = options.shard === undefined ? null : parseShard(options.shard);
  const files = await reportFiles(options);
  const choice = {
    patterns,
    topologies: options.topology ?? (options.mutate ? ['flat', 'vlan'] : undefined),
    tags: options.tag,
    without: options.without ?? [],
  };
  const whole = await planSuite(choice, { cwd: process.cwd(), packageRoot });
  const plan = shard ? runsOfShard(whole, shard) : whole;
  if (options.list) {
    process.stdout.write(plan.map(({ id, expected }) => `${id}: ${expected}\n`).join(''));
    return;
  }
  checkReportFiles(files);
  if (options.mutate) {
    const { mutateSuite } = await import('./suite-mutate.ts');
    await mutateSuite(plan, options);
    return;
  }
  const bundles = options.bundle === undefined ? null : bundleFolder(options.bundle);
  const accelerator = await chooseAccelerator(progressFor({ quiet: options.quiet ?? false }));
  const { progress, stop } = await suiteProgress(plan, options);
  await reportedSuite(
    plan,
    {
      capacity: capacityOf(machineRoom(), options.jobs),
      accelerator,
      retries: options.retries,
      deadlineMs: options.deadline === undefined ? undefined : options.deadline * 1000,
      shard,
      seed: options.seed ?? (options.shuffle ? Math.floor(Math.random() * 1e9) : null),
      bundles,
      version: packageVersion(),
      progress,
    },
    (result) => {
      stop();
      const document =
        options.json === true ? suiteJson.report(result, process.cwd()) : `${suiteText(result)}\n`;
      process.stdout.write(document);
      if (process.env.GITHUB_ACTIONS === 'true') {
        const lines = annotations(result, process.env.GITHUB_WORKSPACE ?? process.cwd());
        process.stderr.write(lines.map((line) => `${line}\n`).join(''));
      }
      process.exitCode = suiteExitCode(result);
      writeReports(files, result);
    },
  );
}

async function reportFiles({ junit, html, json }: SuiteCommandOptions): Promise<ReportFile[]> {
  const { suiteJson } = await import('../report/suite-json.ts');
  const { suiteHtml } = await import('../report/suite-html.ts');
  const { suiteJunit } = await import('../report/suite-junit.ts');
  // `--json dhcp-*` would take the pattern for a file.
  if (typeof json === 'string' && !json.endsWith('.json')) {
    throw new LabError('usage', `--json ${json}: the name of the document does not end in .json`, {
      remedy: `patterns come first: lab suite ${json} --json`,
    });
  }
  return [
    ...(junit === undefined ? [] : [{ reporter: suiteJunit, file: junit }]),
    ...(html === undefined ? [] : [{ reporter: suiteHtml, file: html }]),
    ...(typeof json === 'string' ? [{ reporter: suiteJson, file: json }] : []),
  ];
}

/** A live line at a terminal; plain lines elsewhere, and in CI, which may give a terminal too. */
async function suiteProgress(
  plan: readonly PlannedRun[],
  { quiet }: SuiteCommandOptions,
): Promise<{ readonly progress: SuiteProgress; readonly stop: () => void }> {
  const { LiveSuiteProgress, plainSuiteProgress } = await import('../report/suite-progress.ts');
  if (!quiet && process.stderr.isTTY && !process.env.CI) {
    const live = new LiveSuiteProgress(process.stderr, plan.length);
    return { progress: live, stop: () => live.stop() };
  }
  const write = quiet ? () => undefined : (line: string) => void process.stderr.write(`${line}\n`);
  return { progress: plainSuiteProgress(write, plan.length), stop: () => undefined };
}
