import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labPlan } from '../../../src/lab/plan.ts';
import { allMutants } from '../../../src/suite/mutation/kinds/all.ts';
import { excuse, thingsOf } from '../../../src/suite/mutation/things-of.ts';
import { loadTopology } from '../../../src/topology/parse.ts';

const topologies = readdirSync('topologies').filter((file) => file.endsWith('.yaml'));

describe.each(topologies)('of %s', async (file) => {
  const topology = await loadTopology(`topologies/${file}`);
  const plan = labPlan(topology);
  const mutants = allMutants(plan, topology).map(({ mutant }) => mutant.mutation);
  const mutated = new Set(mutants.map(({ thing }) => thing));
  const things = thingsOf(plan);

  it('everything that the lab installs is either mutated or excused by name', () => {
    const forgotten = things.filter((thing) => !mutated.has(thing) && excuse(thing, plan) === undefined);
    expect(forgotten).toEqual([]);
  });

  it('nothing is both', () => {
    expect(things.filter((thing) => mutated.has(thing) && excuse(thing, plan) !== undefined)).toEqual([]);
  });

  it('every thing and every mutation has a name of its own', () => {
    expect(new Set(things).size).toBe(things.length);
    const names = mutants.map(({ thing, change }) => `${thing}: ${change}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('what is mutated is there: but what scenarios and BMCs put in', () => {
    const ofTheLab = mutants.filter(({ kind }) => kind !== 'boot-option' && kind !== 'ipmi');
    expect(ofTheLab.map(({ thing }) => thing).filter((thing) => !things.includes(thing))).toEqual([]);
    expect(ofTheLab.length).toBeGreaterThan(20);
  });
});
