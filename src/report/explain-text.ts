import pc from 'picocolors';
import { markText } from '../evidence/outcome.ts';
import { flatRules } from '../neutron/provider-network/flat.ts';
import type { Crossing, RuleStyle } from '../neutron/provider-network/rules.ts';
import { vlanRules } from '../neutron/provider-network/vlan.ts';
import type { JourneyResult } from '../scenarios/result.ts';
import type { Story, ToldWalk } from '../scenarios/story.ts';
import { coloured, dimRule, lossLines, ruleLines, stepLines, width } from './explain-lines.ts';
import type { ExplainedRule } from './explain-rules.ts';
import { wrap } from './wrap.ts';

/** What the story does not tell of itself. */
export interface StoryContext {
  /** The topology as the user has written it: a name or a path. */
  readonly written: string;
  /** Whose rules stand in the bridges, and at which ports. */
  readonly style: RuleStyle;
  readonly crossing: Crossing;
}

/** A story for a learner, in the terminal: 100 columns at most. */
export function storyText(story: Story, context: StoryContext): string {
  return [
    heading(story.topology.title),
    ...wrap(idea(story), width),
    '',
    ...story.figure.map(coloured),
    '',
    heading('The rules in its bridges, and what each says'),
    ...ruleLines(story.rules),
    '',
    ...story.walks.flatMap((walk) => [...walkLines(walk, story.rules), '']),
    heading(
      story.network.type === 'flat'
        ? 'Why the VLAN network fails'
        : 'Why it fails here, and works on a flat network',
    ),
    ...lesson(story, context),
    '',
    heading('Look for yourself'),
    ...suggestions(story, context.written).map(([command, why]) => `  ${command.padEnd(44)}  ${pc.dim(why)}`),
  ].join('\n');
}

function heading(text: string): string {
  return pc.bold(text);
}

function idea({ network }: Story): string {
  const { type, segmentationId, localVlan, tunnelId } = network;
  switch (type) {
    case 'vlan':
      return `Many networks share the wire of a VLAN provider network, so every frame on the wire carries the id of its network's segment: ${segmentationId} here. In br-int the same network is local VLAN ${localVlan}. VMs hang behind br-int on brbm and never see either number. A physical server hangs on the wire itself, and knows of no segment.`;
    case 'flat':
      return `A flat provider network has the wire for itself, so its frames carry no tag there. In br-int it is local VLAN ${localVlan}, as every network has one. A physical server hangs on the wire itself and sends what any server sends: frames without a tag. So it is at home here.`;
    case 'gre':
    case 'vxlan':
      return `A ${type.toUpperCase()} network needs nothing of the wire but that endpoints of tunnels reach each other over it. br-tun packs its frames, with ${tunnelId} as ${type === 'gre' ? 'key' : 'network identifier'}, into frames between the hosts, and the br-tun of the other host unpacks them. In br-int it is local VLAN ${localVlan} here, and another there. A physical server hangs on the wire itself, and is no endpoint of a tunnel.`;
    case 'local':
      return `A local network is one host's own. Its ports find each other in br-int, where it is local VLAN ${localVlan}; no rule leads to a wire or a tunnel. VMs hang behind br-int on brbm. A physical server hangs on the wire, of which this network knows nothing.`;
  }
}

function walkLines(walk: ToldWalk, rules: readonly ExplainedRule[]): string[] {
  const { client, kind, steps, discover, offer, lease } = walk;
  const who = { server: 'Physical server', vm: 'VM', instance: 'On the compute node' }[kind];
  return [
    heading(`${who} ${client} asks for an address: its DHCP DISCOVER, as captured`),
    ...stepLines(steps),
    ...aside(discover),
    ...(lease === null
      ? [
          ...lossLines(discover, rules),
          '    dnsmasq never saw it. Nobody answers, and the server does not boot.',
        ]
      : success(offer, lease)),
  ];
}

/** Where a frame that floods was seen besides. */
function aside({ hops }: JourneyResult): string[] {
  const others = hops.filter((hop) => hop.aside);
  if (others.length === 0) return [];
  const text = others.map((hop) => `${hop.label ?? hop.point} (${markText(hop)})`).join(', ');
  return wrap(`It is a broadcast, so it went to these as well: ${text}.`, width - 4).map((line) =>
    pc.dim(`    ${line}`),
  );
}

function success(offer: JourneyResult | null, lease: string): string[] {
  const way = offer?.hops
    .filter((hop) => !hop.aside)
    .map((hop) => `${hop.label ?? hop.point.replace(/^\w+\//, '')} ${markText(hop)}`);
  return [
    `  ${pc.green('→')} dnsmasq answers: the address is ${lease}`,
    ...(way
      ? wrap(`its OFFER came back: ${way.join(' → ')}`, width - 4).map((line) => coloured(`    ${line}`))
      : []),
  ];
}

function lesson({ network }: Story, { style, crossing }: StoryContext): string[] {
  const { localVlan, segmentationId } = network;
  const indent = (text: string) => wrap(text, width);
  const rule = (match: string, actions: string) => dimRule(`${match} actions=${actions}`);
  if (network.type === 'flat') {
    const segment = { localVlan, segmentationId: segmentationId ?? 1001 };
    const [there] = vlanRules(style, segment, crossing).integration;
    return [
      ...indent(
        `On a VLAN provider network, br-int has another rule at the same door, ${crossing.intPort}. It lets in frames of the network's segment alone (1001, say):`,
      ),
      ...rule(there?.match ?? '', there?.actions ?? ''),
      ...indent(
        'The DISCOVER of a physical server carries no tag. It matches nothing but the rule that drops the rest, and the server never boots: `lab explain vlan` shows it. That is why the article gives bare metal a flat network.',
      ),
    ];
  }
  const [there] = flatRules(style, { localVlan }, crossing).integration;
  return [
    ...indent(
      `On a flat provider network, br-int has ${network.type === 'vlan' ? 'another' : 'a'} rule at the same door, ${crossing.intPort}. It asks for frames without a tag, which are what a physical server sends, and gives them the local VLAN itself:`,
    ),
    ...rule(there?.match ?? '', there?.actions ?? ''),
    ...indent(`${wouldHaveTo(network)} \`lab explain flat\` shows the network on which it can boot.`),
  ];
}

/** What a server would have to do on a network that is not flat. */
function wouldHaveTo({ type, segmentationId }: Story['network']): string {
  switch (type) {
    case 'gre':
    case 'vxlan':
      return `On this network a server would have to be the endpoint of a ${type.toUpperCase()} tunnel itself, which its firmware cannot be.`;
    case 'local':
      return 'On this network nothing that a server sends could help it.';
    default:
      return `On this network a server would have to send tag ${segmentationId} itself, which its firmware does not do before it has booted.`;
  }
}

function suggestions({ lab, walks }: Story, written: string): (readonly [command: string, why: string])[] {
  const server = walks.find(({ kind }) => kind === 'server')?.client ?? 'stand-in-1';
  return [
    ...(lab.startsWith('explain-') ? [[`lab up ${written}`, 'this very lab'] as const] : []),
    [`lab trace rack/${server} dhcp-discover`, 'the rules that its DISCOVER meets'],
    ['lab capture', 'every frame at every point, as it passes'],
    ['lab shell', 'then: ovs-ofctl dump-flows br-int; ip netns'],
  ];
}
