import { type Host, runIn } from '../linux/host.ts';

/** The states of a host's domains by name, in virsh's words: `running`, `shut off`, `paused`, … */
export async function domainStates(host: Host): Promise<ReadonlyMap<string, string>> {
  const argv = ['virsh', '--connect', 'qemu:///system', 'list', '--all'];
  const { stdout } = await runIn(host, argv, { env: { LC_ALL: 'C' } });
  return parseDomainList(stdout);
}

/** Reads `virsh list --all`: two lines of heading, then number (or -), name and state. */
export function parseDomainList(text: string): Map<string, string> {
  const rows = text
    .split('\n')
    .slice(2)
    .flatMap((line): [string, string][] => {
      const [, name, state] = /^\s*\S+\s+(\S+)\s+(\S.*?)\s*$/.exec(line) ?? [];
      return name && state ? [[name, state]] : [];
    });
  return new Map(rows);
}
