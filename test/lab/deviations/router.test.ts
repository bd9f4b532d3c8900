import { expect, it } from 'vitest';
import { compareRulesets, filterRules } from '../../../src/lab/deviations/router.ts';

/** As nft(8) lists it. */
const listing = `table ip neutron {
	ct helper tftp {
		type "tftp" protocol udp
		l3proto ip
	}

	chain helpers {
		type filter hook prerouting priority filter; policy accept;
		udp dport 69 ct helper set "tftp"
	}
}
`;

it('rules are those of chains, each with its place', () => {
  expect(filterRules(listing).filter(({ chain }) => chain === 'helpers')).toEqual([
    { chain: 'helpers', number: 0, text: 'type filter hook prerouting priority filter; policy accept;' },
    { chain: 'helpers', number: 1, text: 'udp dport 69 ct helper set "tftp"' },
  ]);
});

it('a rule that is missing and one that is another are told', () => {
  const planned = filterRules(listing);
  const at = ['devstack/qg-1'];
  const without = filterRules(listing.replace('udp dport 69 ct helper set "tftp"', ''));
  expect(compareRulesets('r', planned, without, at)).toEqual([
    {
      thing: 'nat r helpers 1',
      text: 'router r lacks the rule "udp dport 69 ct helper set "tftp"" in chain helpers',
      at,
    },
  ]);
  const other = filterRules(listing.replace('dport 69', 'dport 70'));
  expect(compareRulesets('r', planned, other, at)[0]?.text).toMatch(/^router r has the rule "udp dport 70/);
  expect(compareRulesets('r', planned, planned, at)).toEqual([]);
});
