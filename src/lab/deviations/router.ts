import { type Host, runIn } from '../../linux/host.ts';
import type { RouterPlan } from '../../neutron/router.ts';
import type { Deviation } from './deviation.ts';
import { forwardingThing, natRuleThing } from './things.ts';

/** A rule of a packet filter, as nft(8) lists it. */
export interface FilterRule {
  readonly chain: string;
  /** Its place in the chain, from 1. */
  readonly number: number;
  readonly text: string;
}

/** The rules of a router that are missing or changed; whether it forwards at all. */
export async function routerDeviations(devstack: Host, router: RouterPlan): Promise<Deviation[]> {
  const { name, namespace, ports } = router;
  const list = ['nft', '--stateless', 'list', 'ruleset'];
  const [found, planned, forwarding] = await Promise.all([
    runIn(devstack, list, { namespace, accept: [0, 1] }),
    // How nft writes the planned ones, it tells where they do no harm.
    runIn(devstack, ['unshare', '--net', 'sh', '-ec', `nft -f -; ${list.join(' ')}`], {
      input: router.ruleset,
    }),
    runIn(devstack, ['sysctl', '-n', 'net.ipv4.ip_forward'], { namespace, accept: [0, 1, 255] }),
  ]);
  const at = ports.map(({ port }) => `devstack/${port.name}`);
  return [
    ...(forwarding.stdout.trim() === '1'
      ? []
      : [
          { thing: forwardingThing(name), text: `router ${name} does not forward (net.ipv4.ip_forward)`, at },
        ]),
    ...compareRulesets(name, filterRules(planned.stdout), filterRules(found.stdout), at),
  ];
}

/** The rules in a listing: of each chain what follows its `type … hook …` line; of other blocks each line. */
export function filterRules(listing: string): FilterRule[] {
  const rules: FilterRule[] = [];
  let chain = '';
  let number = 0;
  for (const line of listing.split('\n').map((it) => it.trim())) {
    const begins = /^(?:chain (\S+)|(ct helper \S+)) \{$/.exec(line);
    if (begins) {
      chain = begins[1] ?? begins[2] ?? '';
      number = 0;
    } else if (line === '}') chain = '';
    else if (chain !== '' && line !== '') rules.push({ chain, number: number++, text: line });
  }
  return rules;
}

export function compareRulesets(
  router: string,
  planned: readonly FilterRule[],
  found: readonly FilterRule[],
  at: readonly string[],
): Deviation[] {
  const deviations: Deviation[] = [];
  for (const rule of planned) {
    if (found.some(({ chain, text }) => chain === rule.chain && text === rule.text)) continue;
    const instead = found.find(
      ({ chain, number, text }) =>
        chain === rule.chain && number === rule.number && !planned.some((it) => it.text === text),
    );
    const thing = natRuleThing(router, rule.chain, rule.number);
    const text = instead
      ? `router ${router} has the rule "${instead.text}" instead of "${rule.text}" in chain ${rule.chain}`
      : `router ${router} lacks the rule "${rule.text}" in chain ${rule.chain}`;
    deviations.push({ thing, text, at });
  }
  return deviations;
}
