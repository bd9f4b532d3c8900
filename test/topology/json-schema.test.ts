import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';

/** Formatted by biome, since it checks the published file. After a change of the schema: `npx vitest run -u`. */
function formatted(data: object): string {
  return execFileSync('node_modules/.bin/biome', ['format', '--stdin-file-path=topology.schema.json'], {
    input: JSON.stringify(data, null, 2),
    encoding: 'utf8',
  });
}

test('the published JSON Schema says what the schema says', async () => {
  await expect(formatted(topologyJsonSchema())).toMatchFileSnapshot('../../topologies/topology.schema.json');
});
