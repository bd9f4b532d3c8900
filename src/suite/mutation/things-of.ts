import { linesOf, optionOf, selectionOf } from '../../lab/deviations/dhcp-server.ts';
import { filterRules } from '../../lab/deviations/router.ts';
import {
  dhcpOptionThing,
  dhcpServerThing,
  forwardingThing,
  hostEntryThing,
  natRuleThing,
  peerThing,
  portThing,
  ruleThing,
  tagThing,
} from '../../lab/deviations/things.ts';
import type { LabPlan } from '../../lab/plan.ts';

/** Everything that a lab of a plan installs in Open vSwitch, dnsmasq and routers, each thing once, by its name. */
export function thingsOf({ devstack }: LabPlan): string[] {
  const { bridges, rules, dhcpAgents, routers } = devstack;
  return [
    ...Object.entries(rules.flows).flatMap(([bridge, flows]) => flows.map((flow) => ruleThing(bridge, flow))),
    ...bridges.flatMap(({ ports }) =>
      ports.flatMap(({ name, tag, peer }) => [
        portThing(name),
        ...(tag === undefined ? [] : [tagThing(name)]),
        ...(peer === undefined ? [] : [peerThing(name)]),
      ]),
    ),
    ...dhcpAgents.flatMap(({ network, files, argv }) => [
      ...linesOf(files.host ?? '').map((line) => hostEntryThing(line.split(',')[0] ?? '')),
      ...linesOf(files.opts ?? '').map((line) => dhcpOptionThing(network, selectionOf(line))),
      ...argv.slice(1).map((word) => dhcpServerThing(network, optionOf(word))),
    ]),
    ...routers.flatMap(({ name, ruleset }) => [
      ...filterRules(ruleset)
        .filter(({ text }) => !text.startsWith('type '))
        .map(({ chain, number }) => natRuleThing(name, chain, number)),
      forwardingThing(name),
    ]),
  ];
}

/** Words of dnsmasq's command line that say nothing of what it answers, and why they are not mutated. */
const excusedWords: Readonly<Record<string, string>> = {
  '--no-hosts': 'of the machine’s /etc/hosts, which a host of the lab has none of',
  '--no-resolv': 'of DNS, which nobody in the lab asks for',
  '--strict-order': 'of DNS, which nobody in the lab asks for',
  '--bind-interfaces': 'its namespace has one interface beside lo',
  '--interface': 'with another one it does not start, and the lab is not up',
  '--except-interface': 'nobody asks on lo',
  '--pid-file': 'where it is written, not what is answered',
  '--addn-hosts': 'of DNS, which nobody in the lab asks for',
  '--dhcp-leasefile': 'where it is written, not what is answered',
  '--dhcp-lease-max': 'a limit that no lab of these sizes comes near',
  '--conf-file': 'that the machine’s own configuration is not read, which a host of the lab has none of',
  '--log-facility': 'where it is written, not what is answered',
};

/** Why a thing is not mutated; undefined for one that is. */
export function excuse(thing: string, { devstack }: LabPlan): string | undefined {
  const [sort, ...rest] = thing.split(' ');
  if (sort === 'dnsmasq') return excusedWords[rest.at(-1) ?? ''];
  if (sort !== 'port') return undefined;
  const port = devstack.bridges.flatMap(({ ports }) => ports).find(({ name }) => name === rest.join(' '));
  return port?.type === 'internal'
    ? 'an internal port is its device: without it dnsmasq or the router has none; its tag is mutated'
    : undefined;
}
