import { LabError } from '../errors.ts';
import type { Host } from '../linux/host.ts';
import { identify } from '../linux/process-identity.ts';
import { isRoot } from '../linux/user.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { DhcpSighting } from './sighting.ts';
import type { Survey } from './survey.ts';
import { takeSurvey } from './take-survey.ts';
import { type WatchOptions, watchDhcp } from './watch.ts';

/** A diagnosis with what it rests on. */
export interface DiagnosisReport extends Diagnosis {
  readonly survey: Survey;
  readonly sightings: readonly DhcpSighting[];
}

/**
 * Looks at this machine and at the DHCP messages of one server, and says where they die. It changes nothing but mirrors
 * of its own, which go away with it.
 *
 * @throws LabError `machine-lacks` when it is not root, or no Open vSwitch runs here
 */
export async function diagnoseMachine(
  options: WatchOptions & {
    readonly seconds: number;
    readonly mappings: Readonly<Record<string, string>>;
  },
): Promise<DiagnosisReport> {
  const { seconds, mappings, ...watch } = options;
  if (!isRoot()) {
    throw new LabError('machine-lacks', 'lab diagnose captures and reads Open vSwitch, which needs root', {
      remedy: `sudo lab diagnose --mac ${watch.mac}`,
    });
  }
  const host = thisMachine();
  const survey = await takeSurvey(host, mappings);
  const sightings = await watchDhcp(host, survey, { ...watch, ms: seconds * 1000 });
  // Counters have moved meanwhile.
  const after = await takeSurvey(host, mappings);
  return { ...diagnose(after, { mac: watch.mac, sightings, seconds }), survey: after, sightings };
}

/** The machine itself, in the words by which a lab's hosts are entered. */
function thisMachine(): Host {
  const self = identify(process.pid);
  if (!self) throw new TypeError('this process does not run');
  return { name: 'this machine', folder: '/', supervisor: self, init: self, userNamespace: false };
}
