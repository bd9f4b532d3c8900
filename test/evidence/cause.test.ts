import { expect, it } from 'vitest';
import { causesOf } from '../../src/evidence/cause.ts';
import type { Claimable } from '../../src/evidence/claim.ts';
import { JourneyStory } from '../../src/evidence/journey-story.ts';
import type { Deviation } from '../../src/lab/deviations/deviation.ts';

const story = (way: readonly string[], bridge?: string) =>
  new JourneyStory({
    what: 'frame',
    to: way.at(-1) ?? '',
    hops: [],
    way,
    outcome: bridge
      ? { kind: 'dropped', bridge, rule: 'a rule', packets: 1 }
      : { kind: 'unknown', reason: 'lost' },
  });
const failing = (...journeys: readonly JourneyStory[]): Claimable => ({
  holds: false,
  why: '',
  evidence: [],
  journeys,
});
const deviation = (name: string, ...at: readonly string[]): Deviation => ({
  thing: name,
  text: `${name} is off`,
  at,
});
const things = (...args: Parameters<typeof causesOf>) => causesOf(...args).map(({ thing }) => thing);

const way = ['rack/a', 'devstack/eth2', 'devstack/br-eth2', 'devstack/br-int', 'devstack/tap'];

it('what lies in the bridge that lost the frame comes first, then what lies on its way', () => {
  const deviations = [deviation('tap', 'devstack/tap'), deviation('rule', 'devstack/br-int')];
  expect(things([failing(story(way, 'br-int'))], [], deviations)).toEqual(['rule', 'tap']);
});

it('what no frame passes that was followed is no cause', () => {
  expect(things([failing(story(way))], [], [deviation('far', 'devstack/br-ex')])).toEqual([]);
});

it('what another frame passes that was followed comes last', () => {
  const other = story(['devstack/br-ex']);
  const deviations = [deviation('far', 'devstack/br-ex'), deviation('near', 'devstack/tap')];
  expect(things([failing(story(way))], [other], deviations)).toEqual(['near', 'far']);
});

it('where nothing was followed every deviation may be it', () => {
  expect(things([failing()], [], [deviation('far', 'devstack/br-ex')])).toEqual(['far']);
});

it('what a claim itself knows comes first, and nothing is told twice', () => {
  const known = { thing: 'bmc', text: 'it lies' };
  const claim = { ...failing(story(way)), causes: [known, known] };
  expect(things([claim], [], [deviation('tap', 'devstack/tap')])).toEqual(['bmc', 'tap']);
});

it('a claim that is about something else than frames is not explained by what frames meet', () => {
  const claim = { ...failing(), causes: [] };
  expect(things([claim], [], [deviation('far', 'devstack/br-ex')])).toEqual([]);
});
