import { LabError } from '../errors.ts';
import { type BpfProgram, parseBpf } from '../packets/bpf.ts';
import { pcapHeader } from '../packets/write.ts';
import { run } from './process.ts';

/**
 * Compiles an expression (pcap-filter(7)) for frames of a link type, by the system's tcpdump. No interface is opened:
 * tcpdump reads a capture of that link type without frames.
 *
 * @throws LabError `usage` with tcpdump's own words when the expression is wrong, `machine-lacks` without tcpdump
 */
export async function compileFilter(expression: string, linkType: number): Promise<BpfProgram> {
  const { stdout, stderr, exitCode } = await run(['tcpdump', '-r', '-', '-ddd', '--', expression], {
    input: pcapHeader(linkType),
    accept: [0, 1],
  });
  if (exitCode === 0) return parseBpf(stdout);
  const words = /^tcpdump: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  throw new LabError('usage', `the filter "${expression}" is wrong: ${words}`, {
    remedy: 'see pcap-filter(7) for the syntax, e.g. --filter "udp port 67 or (vlan and udp port 67)"',
  });
}
