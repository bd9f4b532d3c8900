import { wrap } from '../report/wrap.ts';
import type { RunResult } from '../scenarios/result.ts';

/** What each file of a bundle is, the first pattern that fits. */
const meanings: readonly (readonly [pattern: RegExp, shown: string, meaning: string])[] = [
  [
    /^result\.json$/,
    'result.json',
    'the verdict, the claims, the journeys and the provisionings, as `lab scenario --json` prints them; frames are numbered as in captures.pcapng',
  ],
  [/^result\.txt$/, 'result.txt', 'the same for a person'],
  [/^replay\.sh$/, 'replay.sh', 'runs this scenario on this topology again'],
  [/^scenario\//, 'scenario/', "the scenario's file as it was"],
  [/^topology\//, 'topology/', "the topology's file as it was"],
  [
    /^topology\.json$/,
    'topology.json',
    'the topology as it was built: with nothing left open, and with what the scenario sets',
  ],
  [
    /^captures\.pcapng$/,
    'captures.pcapng',
    'every captured frame, an interface a point, in the order of time; for Wireshark, lab analyze and lab trace',
  ],
  [
    /^journeys\.txt$/,
    'journeys.txt',
    'every frame with all points at which it was seen, its tag there, and its number in captures.pcapng',
  ],
  [/^journeys\.jsonl$/, 'journeys.jsonl', 'the same, a JSON object a line'],
  [/^traces\.txt$/, 'traces.txt', 'what ofproto/trace said of the frames that did not arrive'],
  [/^flows\/before\//, 'flows/before/', "each bridge's flows with their counters before the scenario began"],
  [
    /^flows\/after\//,
    'flows/after/',
    'and at its end; diff -r flows/before flows/after shows which rules were met',
  ],
  [
    /^ovs\/conf\.db$/,
    'ovs/conf.db',
    "Open vSwitch's database as it lay on disk; ovsdb-tool show-log tells its history",
  ],
  [
    /^ovs\//,
    'ovs/',
    'what Open vSwitch told: its configuration, all of its database, the MACs each bridge has learned',
  ],
  [/^dhcp\//, 'dhcp/', "each network's dnsmasq: its command, its hosts and options, its leases"],
  [/^consoles\//, 'consoles/', 'all that machines have written to their consoles'],
  [/^ipmi-transcript/, 'ipmi-transcript.jsonl', 'what the BMCs were asked and what they answered'],
  [/^nodes\.json$/, 'nodes.json', "the conductor's nodes"],
  [
    /^logs\//,
    'logs/',
    'what daemons logged, by host: Open vSwitch, libvirtd, dnsmasq, the conductor, the BMCs',
  ],
  [/^network\//, 'network/', 'interfaces, addresses, routes and NAT rules of each host and its namespaces'],
  [/^status\.json$/, 'status.json', 'the lab as `lab status --json` saw it'],
  [/^versions\.json$/, 'versions.json', 'the lab, the system, the programs and packages that took part'],
  [/^problems\.txt$/, 'problems.txt', 'what could not be had, and why'],
];

/** A bundle's README: what happened, and what each of its files is. */
export function readme(
  run: {
    readonly scenario: string;
    readonly title: string;
    readonly result: RunResult;
    readonly endedAt: string;
  },
  paths: readonly string[],
): string {
  const { result } = run;
  const there = meanings.filter(([pattern]) =>
    paths.some((path) => meanings.find(([it]) => it.test(path))?.[0] === pattern),
  );
  const width = Math.max(...there.map(([, shown]) => shown.length));
  const broken = result.claims.filter(({ holds }) => !holds);
  return [
    `${run.scenario} on ${result.topology}: ${result.verdict.toUpperCase()}`,
    run.title,
    `ended ${run.endedAt}`,
    '',
    `declared ${result.expected}, observed ${result.observed ?? 'nothing'}`,
    ...(result.reason === undefined ? [] : wrap(result.reason, 100)),
    ...broken.flatMap(({ text, why }) => [`- ${text}`, ...(why ? [`  ${why}`] : [])]),
    ...(result.causes ?? []).flatMap(({ text }) => wrap(`Cause: ${text}`, 100)),
    '',
    ...there.flatMap(([, shown, meaning]) =>
      wrap(meaning, 98 - width).map((line, index) => `${(index === 0 ? shown : '').padEnd(width)}  ${line}`),
    ),
    '',
    'Passwords, keys and tokens of the lab are replaced by asterisks, in captures too.',
    '',
  ].join('\n');
}
