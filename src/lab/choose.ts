import { LabError } from '../errors.ts';
import { type Lab, labNames, readRecord } from './record.ts';
import { runningLab } from './running.ts';

/**
 * The labs a command is meant for: the named one, all, or the only one.
 *
 * @throws LabError `usage` when there is none of that name, or several and none named
 */
export function chooseLabs(name: string | undefined, all: boolean): string[] {
  const names = labNames();
  if (all) return names;
  if (name !== undefined) {
    if (names.includes(name)) return [name];
    throw new LabError('usage', `there is no lab "${name}"; ${listed(names)}`, { remedy: 'lab list' });
  }
  if (names.length > 1) {
    throw new LabError('usage', `several labs are up: ${names.join(', ')}`, {
      remedy: 'give the name of one, or --all',
    });
  }
  return names;
}

/**
 * The running lab a command is meant for: the named one, or the only one.
 *
 * @throws LabError `usage` when there is none; `lab-failed` when it does not run
 */
export function chooseRunningLab(name: string | undefined): Lab {
  const [chosen] = chooseLabs(name, false);
  if (chosen === undefined) throw new LabError('usage', 'no lab is up', { remedy: 'lab up flat' });
  const record = readRecord(chosen);
  const lab = record && runningLab(record);
  if (lab) return lab;
  if (record?.hosts) {
    throw new LabError('lab-failed', `lab ${chosen} does not run any more: its hosts have ended`, {
      remedy: `lab up ${record.topology.name} builds it again, lab down ${chosen} removes it`,
    });
  }
  throw new LabError('lab-failed', `lab ${chosen} is not ready: it is being built, or what built it died`, {
    remedy: `wait for it; lab down ${chosen} ends it`,
  });
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none is up' : `those that are up: ${names.join(', ')}`;
}
