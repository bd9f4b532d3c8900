import { describe, expect, it } from 'vitest';
import { compareRules, parseDifference } from '../../../src/lab/deviations/rules.ts';

const planned = [
  { table: 0, priority: 2, match: 'in_port=eth9', actions: 'drop' },
  { table: 20, priority: 1, match: '', actions: 'NORMAL' },
];
/** As `ovs-ofctl --names diff-flows` prints them. */
const read = (lines: readonly string[]) => lines.flatMap((line) => parseDifference(line) ?? []);
const plannedLines = [
  '+priority=2,in_port="eth9" cookie=0x1 actions=drop',
  '+table=20 priority=1 cookie=0x2 actions=NORMAL',
];

describe('the rules of a bridge', () => {
  it('as planned deviate in nothing', () => {
    const lines = ['-priority=2,in_port="eth9" actions=drop', '-table=20 priority=1 actions=NORMAL'];
    expect(compareRules('br-x', planned, read([...lines, ...plannedLines]))).toEqual([]);
  });

  it('tell one that is missing, in the words of the plan', () => {
    const found = compareRules(
      'br-x',
      planned,
      read(['-table=20 priority=1 actions=NORMAL', ...plannedLines]),
    );
    expect(found).toEqual([
      {
        thing: 'rule br-x table=0,priority=2,in_port=eth9',
        text: 'br-x lacks the rule table=0,priority=2,in_port=eth9 actions=drop',
        at: ['devstack/br-x', 'devstack/eth9'],
      },
    ]);
  });

  it('tell other actions, as they are and as they should be', () => {
    const lines = ['-priority=2,in_port="eth9" actions=NORMAL', '-table=20 priority=1 actions=NORMAL'];
    const texts = compareRules('br-x', planned, read([...lines, ...plannedLines])).map(({ text }) => text);
    expect(texts).toEqual([
      'the rule table=0,priority=2,in_port=eth9 of br-x has actions=NORMAL instead of drop',
    ]);
  });

  it('tell of a table that no rule leads to that no frame meets it', () => {
    const idle = (extra: string) => {
      const lines = [extra, ...plannedLines];
      return compareRules('br-x', planned, read(lines)).find(({ thing }) => thing.includes('table=20'))?.idle;
    };
    expect(idle('-priority=2,in_port="eth9" actions=drop')).toBe(true);
    expect(idle('-priority=2,in_port="eth9" actions=resubmit(,20)')).toBeUndefined();
    expect(idle('-priority=2,in_port="eth9" actions=goto_table:20')).toBeUndefined();
  });

  it('tell one that nobody planned, but not what captures add, nor a rule of a port that is gone', () => {
    const lines = [
      '-priority=9,udp actions=drop',
      '-priority=3,in_port=7 actions=NORMAL',
      '-priority=65535,in_port="eth9" actions=load:0x1->NXM_NX_REG15[0],NORMAL',
      ...plannedLines.map((line) => line.replace('+', '-').replace(/ cookie=\S+/, '')),
    ];
    const texts = compareRules('br-x', planned, read([...lines, ...plannedLines])).map(({ text }) => text);
    expect(texts).toEqual(['br-x has a rule that nobody planned: priority=9,udp actions=drop']);
  });
});
