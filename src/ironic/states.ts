/**
 * The provision states of Juno (ironic/common/states.py, 2014.2.1). `null` is NOSTATE: the node is available.
 */
export type ProvisionState =
  | null
  | 'deploying'
  | 'wait call-back'
  | 'deploy complete'
  | 'active'
  | 'deploy failed'
  | 'deleting'
  | 'rebuild'
  | 'error';

/** `null` is a power state that was never read, or cannot be. */
export type PowerState = 'power on' | 'power off' | 'rebooting' | 'error' | null;

/** What an operator asks for (`ironic node-set-provision-state`). */
export type ProvisionVerb = 'active' | 'deleted' | 'rebuild';

/** What happens to a node that is being provisioned. */
export type ProvisionEvent = ProvisionVerb | 'wait' | 'resume' | 'done' | 'fail';

interface Transition {
  readonly to: ProvisionState;
  readonly target: ProvisionState;
}

const deploying: Transition = { to: 'deploying', target: 'deploy complete' };
const deleting: Transition = { to: 'deleting', target: null };

/** From each state, what each event leads to. An event that is not there is not allowed. */
const transitions: ReadonlyMap<ProvisionState, Partial<Record<ProvisionEvent, Transition>>> = new Map([
  [null, { active: deploying }],
  [
    'deploying',
    {
      wait: { to: 'wait call-back', target: 'deploy complete' },
      done: { to: 'active', target: null },
      fail: { to: 'deploy failed', target: null },
    },
  ],
  ['wait call-back', { resume: deploying, fail: { to: 'deploy failed', target: null }, deleted: deleting }],
  ['active', { deleted: deleting, rebuild: deploying }],
  ['deploy failed', { deleted: deleting, rebuild: deploying }],
  ['deleting', { done: { to: null, target: null }, fail: { to: 'error', target: null } }],
  ['error', { deleted: deleting, rebuild: deploying }],
]);

/** What an event leads to; undefined when it is not allowed in that state. */
export function transition(from: ProvisionState, event: ProvisionEvent): Transition | undefined {
  return transitions.get(from)?.[event];
}

/** The events that are allowed in a state. */
export function allowedEvents(from: ProvisionState): ProvisionEvent[] {
  return Object.keys(transitions.get(from) ?? {}) as ProvisionEvent[];
}
