import type { Deviation } from '../lab/deviations/deviation.ts';
import type { Claimable } from './claim.ts';
import type { JourneyStory } from './journey-story.ts';

/** What is not as it should be, where the frames that a failing claim is about pass. */
export interface Cause {
  /** The name of the thing (src/lab/deviations/things.ts). */
  readonly thing: string;
  /** How it is and how it should be. */
  readonly text: string;
}

/** How near a deviation is to what was claimed in vain; the nearer come first, and nothing beyond is a cause. */
const nearness = { atTheLoss: 3, onTheWay: 2, onAnotherWay: 1, elsewhere: 0 } as const;

/**
 * Which deviations of a lab from its plan explain why claims do not hold: those in the bridge that lost the frame, then
 * those on its way, then those on the way of any other frame that the scenario followed. A claim that knows its cause
 * itself comes first.
 *
 * @param all what the scenario followed, whatever was claimed of it
 */
export function causesOf(
  failing: readonly Claimable[],
  all: readonly JourneyStory[],
  deviations: readonly Deviation[],
): Cause[] {
  const told = failing.flatMap(({ causes = [] }) => causes);
  const journeys = failing.flatMap((claim) => claim.journeys);
  const evidence = failing.flatMap((claim) => claim.evidence.map(({ point }) => point));
  const lost = new Set(
    journeys.flatMap(({ outcome }) => ('bridge' in outcome ? [`devstack/${outcome.bridge}`] : [])),
  );
  const way = new Set([...journeys.flatMap(pointsOf), ...evidence]);
  const others = new Set(all.flatMap(pointsOf));
  // Where nothing was followed, a deviation anywhere may be it; unless a claim is about something else.
  const isBlind = way.size === 0 && failing.every(({ causes }) => causes === undefined);
  const clients = clientsOf(journeys);
  const near = ({ at, mac, idle }: Deviation): number => {
    if (idle) return nearness.elsewhere;
    if (mac !== undefined && clients.size > 0 && !clients.has(mac))
      return isBlind ? nearness.onAnotherWay : nearness.elsewhere;
    if (at.some((point) => lost.has(point))) return nearness.atTheLoss;
    if (at.some((point) => way.has(point))) return nearness.onTheWay;
    return isBlind || at.some((point) => others.has(point)) ? nearness.onAnotherWay : nearness.elsewhere;
  };
  const ranked = deviations
    .map((deviation) => ({ deviation, rank: near(deviation) }))
    .filter(({ rank }) => rank > nearness.elsewhere)
    .sort((a, b) => b.rank - a.rank)
    .map(({ deviation: { thing, text } }) => ({ thing, text }));
  return distinct([...told, ...ranked]);
}

function pointsOf({ way, hops, to }: JourneyStory): string[] {
  return [...way, ...hops.map(({ point }) => point), to];
}

/** The MACs of those whose frames were followed. */
function clientsOf(journeys: readonly JourneyStory[]): Set<string> {
  return new Set(
    journeys.flatMap(({ hops }) =>
      hops.flatMap(({ decoded: { eth, dhcp } }) =>
        [eth?.src, eth?.dst, dhcp?.chaddr].filter((mac) => mac !== undefined),
      ),
    ),
  );
}

function distinct(causes: readonly Cause[]): Cause[] {
  return [...new Map(causes.map((cause) => [`${cause.thing}\n${cause.text}`, cause])).values()];
}
