import { LabError } from '../errors.ts';
import type { BmcCredentials } from '../lab/secrets.ts';
import { serversWithBmc } from '../topology/nodes.ts';
import type { Topology } from '../topology/schema.ts';
import { readHardwareInfo } from './hardware-info.ts';
import { problemLine } from './problem.ts';
import { readText } from './read.ts';

/**
 * The credentials that a hardware_info has for the servers of a topology, known by their MACs.
 *
 * @throws LabError `usage` that lists every wrong line, and repeats no field
 */
export function credentialsFor(topology: Topology, file: string): BmcCredentials[] {
  const { entries, problems } = readHardwareInfo(readText(file, 'hardware_info'), file);
  const servers = serversWithBmc(topology);
  const strangers = entries
    .filter(({ mac, username }) => !servers.some((it) => it.mac === mac && it.bmc.username === username))
    .map(({ line }) => ({
      file,
      line,
      text: 'no server of the topology with a BMC has this MAC and its BMC this user',
    }));
  const wrong = [...problems, ...strangers].map(problemLine);
  if (wrong.length > 0) throw new LabError('usage', `the hardware_info does not fit:\n${wrong.join('\n')}`);
  return servers.flatMap(({ name, mac, bmc: { username } }) => {
    const entry = entries.find((it) => it.mac === mac);
    return entry ? [{ server: name, username, password: entry.password }] : [];
  });
}
