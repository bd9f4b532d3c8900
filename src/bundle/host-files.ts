import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { bmcTranscript } from '../lab/build-bmcs.ts';
import type { LabPlan } from '../lab/plan.ts';
import { hostNames, type Lab } from '../lab/record.ts';
import { type Host, seenFromOutside } from '../linux/host.ts';
import type { BundleDraft } from './draft.ts';

/** Of a longer file the end is kept: what went wrong is there. */
const mostBytes = 4 * 2 ** 20;

const consoleEnding = '-console.log';

/** Adds all that a lab's daemons and machines have written to /var/log of their hosts. */
export async function addLogs(draft: BundleDraft, lab: Lab): Promise<void> {
  for (const name of hostNames) {
    await draft.attempt(`logs of ${name}`, async () => {
      for (const path of filesBelow(seenFromOutside(lab[name], '/var/log'))) {
        const inHost = `/var/log/${path}`;
        await draft.attempt(`${name}:${inHost}`, () => {
          const text = endOf(seenFromOutside(lab[name], inHost));
          if (text !== '') draft.add(placeOf(name, inHost), text);
        });
      }
    });
  }
}

function placeOf(host: string, path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (path === bmcTranscript) return 'ipmi-transcript.jsonl';
  if (file.endsWith(consoleEnding)) return `consoles/${file.slice(0, -consoleEnding.length)}.txt`;
  return `logs/${host}/${path.replace('/var/log/', '').replaceAll('/', '-')}`;
}

/** Adds the files of each network's dnsmasq: those that Neutron's agent writes for it, and its leases. */
export async function addDhcpFiles(draft: BundleDraft, devstack: Host, plan: LabPlan): Promise<void> {
  for (const agent of plan.devstack.dhcpAgents) {
    await draft.attempt(`files of dnsmasq for ${agent.network}`, () => {
      const folder = seenFromOutside(devstack, agent.folder);
      for (const path of filesBelow(folder)) {
        if (join(agent.folder, path) === agent.pidFile) continue;
        draft.add(`dhcp/${agent.network}/${path}`, endOf(join(folder, path)));
      }
      draft.add(`dhcp/${agent.network}/command`, `${agent.argv.join(' \\\n  ')}\n`);
    });
  }
}

/** The plain files below a folder, as paths in it, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => lstatSync(join(folder, path), { throwIfNoEntry: false })?.isFile())
    .sort();
}

function endOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - mostBytes);
    const bytes = Buffer.alloc(Math.min(size, mostBytes));
    const length = readSync(file, bytes, 0, bytes.length, start);
    const left = start > 0 ? `[the first ${start} bytes are left out]\n` : '';
    return `${left}${bytes.subarray(0, length).toString('utf8')}`;
  } finally {
    closeSync(file);
  }
}
