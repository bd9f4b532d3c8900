import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadTopology, parseTopology } from '../../src/topology/parse.ts';

const shipped = readdirSync('topologies').flatMap((file) => /^(.*)\.yaml$/.exec(file)?.[1] ?? []);

test.each(shipped)(
  'the shipped topology %s is complete: written out and parsed again, it is itself',
  async (name) => {
    const topology = await loadTopology(`topologies/${name}.yaml`);
    expect(parseTopology(stringify(topology), 'again.yaml')).toEqual(topology);
  },
);
