import { rmSync, writeFileSync } from 'node:fs';
import type { AnswerFault } from '../../../bmc/answer-faults.ts';
import { completion } from '../../../bmc/completion.ts';
import { bmcFaults } from '../../../lab/build-bmcs.ts';
import { ipmiAnswerThing } from '../../../lab/deviations/things.ts';
import { seenFromOutside } from '../../../linux/host.ts';
import type { MutationKind } from '../mutation.ts';

type WithoutCommand<F> = F extends AnswerFault ? Omit<F, 'command'> : never;

interface Spoilt {
  readonly change: string;
  readonly fault: WithoutCommand<AnswerFault>;
}

const unknown: Spoilt = {
  change: 'the BMC does not know the command',
  fault: { completion: completion.invalidCommand },
};
const silent: Spoilt = { change: 'no answer', fault: { silent: true } };
const ignored: Spoilt = { change: 'acknowledged, but not carried out', fault: { ignored: true } };

function cut(bytes: number): Spoilt {
  return { change: `only ${bytes} bytes of it`, fault: { truncated: bytes } };
}

function flipped(what: string, byte: number, mask: number): Spoilt {
  return { change: what, fault: { flipped: { byte, mask } } };
}

/** The commands that drivers give with ipmitool, and that ipmitool gives for them, with what a bad BMC makes of each. */
export const spoiltAnswers: Readonly<Record<string, readonly Spoilt[]>> = {
  'Get Channel Authentication Capabilities': [unknown, silent, cut(3), flipped('no IPMI 2.0', 3, 0x02)],
  'Get Channel Cipher Suites': [unknown, silent, cut(0), flipped('another suite', 2, 0x01)],
  'Set Session Privilege Level': [unknown, silent, cut(0), flipped('a lower level', 0, 0x06)],
  'Close Session': [unknown, silent],
  'Get Device ID': [unknown, silent, cut(5), flipped('another device', 0, 0x01)],
  'Get Self Test Results': [unknown, silent, cut(1), flipped('a failure', 0, 0x02)],
  'Get Chassis Status': [unknown, silent, cut(1), flipped('the other power state', 0, 0x01)],
  'Chassis Control': [unknown, silent, ignored],
  'Set System Boot Options': [unknown, silent, ignored],
  'Get System Boot Options': [unknown, silent, cut(2), flipped('another device', 3, 0x0c)],
  'Get SDR Repository Info': [unknown, silent, cut(4), flipped('another number of records', 1, 0x01)],
  'Reserve SDR Repository': [unknown, silent, cut(1)],
  'Get SDR': [unknown, silent, cut(2), flipped('a record of no known type', 5, 0x40)],
  'Get Sensor Reading': [unknown, silent, cut(1), flipped('another reading', 0, 0xff)],
};

/** Each answer of each BMC that the drivers depend on: wrong code, none, cut short, not true, not carried out. */
export const ipmiAnswers: MutationKind = {
  name: 'ipmi',
  noticedBy: ['bmc-answers'],
  once: true,
  mutants: (_, topology) =>
    topology.servers
      .filter(({ kind }) => kind === 'vm')
      .flatMap(({ name }) => {
        const file = `${bmcFaults}/${name}.json`;
        return Object.entries(spoiltAnswers).flatMap(([command, all]) =>
          all.map(({ change, fault }) => ({
            mutation: { kind: 'ipmi', thing: ipmiAnswerThing(name, command), change },
            apply: async ({ rack }) =>
              writeFileSync(seenFromOutside(rack, file), JSON.stringify([{ command, ...fault }])),
            undo: async ({ rack }) => rmSync(seenFromOutside(rack, file), { force: true }),
          })),
        );
      }),
};
