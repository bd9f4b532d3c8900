import { describe, expect, test } from 'vitest';
import { allowedEvents, transition } from '../../src/ironic/states.ts';

describe('provision states of Juno', () => {
  test('a deployment goes from available over the call-back to active', () => {
    expect(transition(null, 'active')).toEqual({ to: 'deploying', target: 'deploy complete' });
    expect(transition('deploying', 'wait')).toEqual({ to: 'wait call-back', target: 'deploy complete' });
    expect(transition('wait call-back', 'resume')).toEqual({ to: 'deploying', target: 'deploy complete' });
    expect(transition('deploying', 'done')).toEqual({ to: 'active', target: null });
  });

  test('a failure ends in deploy failed, from both states of a deployment', () => {
    expect(transition('deploying', 'fail')?.to).toBe('deploy failed');
    expect(transition('wait call-back', 'fail')?.to).toBe('deploy failed');
  });

  test.each(['active', 'deploy failed', 'error', 'wait call-back'] as const)(
    'a node that is %s can be torn down',
    (state) => {
      expect(transition(state, 'deleted')?.to).toBe('deleting');
    },
  );

  test.each(['active', 'deploy failed', 'error'] as const)('a node that is %s can be rebuilt', (state) => {
    expect(transition(state, 'rebuild')?.to).toBe('deploying');
  });

  test('a failed tear-down ends in error, a good one in available', () => {
    expect(transition('deleting', 'fail')?.to).toBe('error');
    expect(transition('deleting', 'done')?.to).toBeNull();
  });

  test('an active node cannot be deployed, an available one neither rebuilt nor torn down', () => {
    expect(transition('active', 'active')).toBeUndefined();
    expect(allowedEvents(null)).toEqual(['active']);
  });
});
