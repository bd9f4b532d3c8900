import { LabError } from '../errors.ts';
import { type BpfProgram, parseBpf } from '../packets/bpf.ts';
import { run } from './process.ts';

/** libpcap's names of the link types that are decoded (pcap-linktype(7), without LINKTYPE_ or DLT_). */
const linkTypeNames: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'EN10MB'],
  [101, 'RAW'],
  [108, 'LOOP'],
  [113, 'LINUX_SLL'],
  [228, 'IPV4'],
  [229, 'IPV6'],
  [276, 'LINUX_SLL2'],
]);

/**
 * Compiles an expression (pcap-filter(7)) for frames of a link type, by the system's tcpdump. No interface is opened.
 *
 * @throws LabError `usage` with tcpdump's own words when the expression is wrong, `machine-lacks` without tcpdump
 */
export async function compileFilter(expression: string, linkType: number): Promise<BpfProgram> {
  const name = linkTypeNames.get(linkType);
  if (name === undefined) throw new LabError('usage', `frames of link type ${linkType} cannot be filtered`);
  const { stdout, stderr, exitCode } = await run(['tcpdump', '-y', name, '-ddd', '--', expression], {
    accept: [0, 1],
  });
  if (exitCode === 0) return parseBpf(stdout);
  const words = stderr.trim().replace(/^tcpdump: /, '');
  throw new LabError('usage', `the filter "${expression}" is wrong: ${words}`, {
    remedy: 'see pcap-filter(7) for the syntax, e.g. --filter "udp port 67 or (vlan and udp port 67)"',
  });
}
