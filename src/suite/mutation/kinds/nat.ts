import { filterRules } from '../../../lab/deviations/router.ts';
import { forwardingThing, natRuleThing } from '../../../lab/deviations/things.ts';
import { type Host, runIn } from '../../../linux/host.ts';
import type { RouterPlan } from '../../../neutron/router.ts';
import type { MutationKind } from '../mutation.ts';

/** Each rule of a router's packet filter: removed, and of SNAT its address; forwarding: switched off. */
export const nat: MutationKind = {
  name: 'nat',
  noticedBy: ['snat-for-a-stand-in', 'snat-to-tftp'],
  mutants: ({ devstack }) =>
    devstack.routers.flatMap((router) => [
      ...rulesOf(router).flatMap(({ thing, line }) => {
        const other = line.replace(/snat to .*$/, 'snat to 203.0.113.9');
        return [
          { change: 'removed', ruleset: router.ruleset.replace(line, '') },
          ...(other === line ? [] : [{ change: other, ruleset: router.ruleset.replace(line, other) }]),
        ].map(({ change, ruleset }) => ({
          mutation: { kind: 'nat', thing, change },
          apply: (lab: { devstack: Host }) => load(lab.devstack, router, ruleset),
          undo: (lab: { devstack: Host }) => load(lab.devstack, router, router.ruleset),
        }));
      }),
      {
        mutation: { kind: 'nat', thing: forwardingThing(router.name), change: 'switched off' },
        apply: ({ devstack: host }) => forward(host, router, 0),
        undo: ({ devstack: host }) => forward(host, router, 1),
      },
    ]),
};

/** The rules that a router is planned with, line by line. */
function rulesOf({ name, ruleset }: RouterPlan): { readonly thing: string; readonly line: string }[] {
  return filterRules(ruleset)
    .filter(({ text }) => !text.startsWith('type '))
    .map(({ chain, number, text }) => ({ thing: natRuleThing(name, chain, number), line: text }));
}

async function load(host: Host, { namespace }: RouterPlan, ruleset: string): Promise<void> {
  await runIn(host, ['nft', '-f', '-'], { namespace, input: `flush ruleset\n${ruleset}` });
}

async function forward(host: Host, { namespace }: RouterPlan, value: 0 | 1): Promise<void> {
  await runIn(host, ['sysctl', '-q', '-w', `net.ipv4.ip_forward=${value}`], { namespace });
}
