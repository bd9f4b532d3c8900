import { Command } from 'commander';
import { LabError } from '../errors.ts';
import type { CaptureError } from '../packets/frame.ts';
import type { ScanOptions, Visit } from '../packets/scan.ts';
import { reportError } from './context.ts';

interface AnalyzeOptions {
  readonly json?: boolean;
  readonly filter?: string;
  readonly journeys?: boolean;
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .summary('tell what went on in capture files')
    .description(
      'Reads pcap and pcapng files, gzip-compressed or not, and tells for each VLAN: hosts, DHCP conversations and TFTP transfers with their outcome, ARP conflicts, wrong checksums, duplicates. Exit code 2 when a file is damaged; what comes before the damage is told.',
    )
    .argument('<file...>', 'capture files; - is standard input')
    .option('--json', 'print each frame as one line of JSON on standard output, and nothing else')
    .option('-f, --filter <expression>', 'only the frames that match, in the syntax of pcap-filter(7)')
    .option('--journeys', 'join files of one moment, and tell the way of each frame over them, tag by tag')
    .option('--debug', 'show the stack of an error')
    .action(async (files: string[], options: AnalyzeOptions) => {
      if (options.journeys) {
        await printJourneys(files, options);
        return;
      }
      const analyze = options.json ? printFrames : printSummary;
      for (const file of files) {
        try {
          const damage = await analyze(file, options.filter);
          if (damage) reportError(damage);
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          // The other files are still worth reading.
          reportError(error);
        }
      }
    });
}

type Analyze = (file: string, filter: string | undefined) => Promise<CaptureError | undefined>;

const printSummary: Analyze = async (file, filter) => {
  const { SummaryBuilder } = await import('../packets/summary/summary.ts');
  const { captureSummaryText } = await import('../report/capture-summary-text.ts');
  const builder = new SummaryBuilder();
  const damage = await scan(file, filter, (record, layers) => builder.add(record, layers));
  await write(`${captureSummaryText(file === '-' ? 'standard input' : file, builder.result())}\n\n`);
  return damage;
};

const printFrames: Analyze = async (file, filter) => {
  const { JsonLines } = await import('../packets/json-lines.ts');
  const lines = new JsonLines(file);
  return await scan(file, filter, (record, layers) => lines.add(record, layers), {
    streams: true,
    afterChunk: () => write(lines.take()),
  });
};

async function printJourneys(paths: readonly string[], { json, filter }: AnalyzeOptions): Promise<void> {
  const { describeJourneys, joinFiles } = await import('../evidence/file-journeys.ts');
  const { joinedText, journeyJson, journeyText } = await import('../report/journeys-text.ts');
  const { frameText } = await import('../report/frame-text.ts');
  if (paths.includes('-')) {
    throw new LabError(
      'usage',
      'frames of standard input cannot be joined to journeys, as they are read twice',
      {
        remedy: 'write them to a file first',
      },
    );
  }
  const joined = await joinFiles(paths);
  const filterFor = filter === undefined ? undefined : await filterOf(filter);
  const texts = await describeJourneys(joined, frameText, filterFor);
  const line = json ? journeyJson : journeyText;
  let lines = '';
  for (const [index, journey] of joined.journeys.entries()) {
    const frame = texts[index];
    if (frame !== undefined) lines += line(joined, { journey, frame });
    if (lines.length < 65_536) continue;
    if (!(await write(lines))) return;
    lines = '';
  }
  await write(lines);
  for (const text of joinedText(joined)) process.stderr.write(`${text}\n`);
  for (const { damage } of joined.files) if (damage) reportError(damage);
}

async function scan(file: string, filter: string | undefined, visit: Visit, options: ScanOptions = {}) {
  const { fileChunks, scanCapture } = await import('../packets/scan.ts');
  const source = file === '-' ? process.stdin : fileChunks(file);
  if (filter === undefined) return await scanCapture(source, visit, options);
  return await scanCapture(source, visit, { ...options, filterFor: await filterOf(filter) });
}

async function filterOf(filter: string) {
  const { compileFilter } = await import('../linux/pcap-filter.ts');
  return (linkType: number) => compileFilter(filter, linkType);
}

/** Answers when standard output has taken the text: false when nobody reads it any more. */
function write(text: string | Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });
}
