import { Command } from 'commander';
import { LabError } from '../errors.ts';
import type { CaptureError } from '../packets/frame.ts';
import type { ScanOptions, Visit } from '../packets/scan.ts';
import { reportError } from './context.ts';

interface AnalyzeOptions {
  readonly json?: boolean;
  readonly filter?: string;
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
    .option('--debug', 'show the stack of an error')
    .action(async (files: string[], options: AnalyzeOptions) => {
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

async function scan(file: string, filter: string | undefined, visit: Visit, options: ScanOptions = {}) {
  const { fileChunks, scanCapture } = await import('../packets/scan.ts');
  const source = file === '-' ? process.stdin : fileChunks(file);
  if (filter === undefined) return await scanCapture(source, visit, options);
  const { compileFilter } = await import('../linux/pcap-filter.ts');
  const filterFor = (linkType: number) => compileFilter(filter, linkType);
  return await scanCapture(source, visit, { ...options, filterFor });
}

/** Answers when standard output has taken the text: false when nobody reads it any more. */
function write(text: string | Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });
}
