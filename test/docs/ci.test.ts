import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { program } from '../../src/cli/program.ts';

const text = z.string().min(1);
const expressions = /\$\{\{.*?\}\}/g;

/** A text with GitHub's expressions, each closed, of contexts that there are. */
const expression = text.refine(
  (value) => {
    const found = value.match(expressions) ?? [];
    const known = /^\$\{\{ (github|matrix|env|runner|job|steps|needs)\.[\w.-]+ \}\}$/;
    return !value.replaceAll(expressions, '').includes('${{') && found.every((one) => known.test(one));
  },
  { error: 'has an expression that is none' },
);

const named = {
  name: expression.optional(),
  if: text.optional(),
  'timeout-minutes': z.int().positive().optional(),
};
const step = z.union([
  z.strictObject({
    ...named,
    uses: z.string().regex(/^[\w.-]+\/[\w./-]+@[\w.-]+$/),
    with: z.record(text, z.union([expression, z.number(), z.boolean()])).optional(),
  }),
  z.strictObject({ ...named, run: expression, env: z.record(text, expression).optional() }),
]);

/** What a workflow of GitHub Actions is made of, as far as ours go (its syntax for workflows). */
const workflow = z.strictObject({
  name: text,
  on: z.strictObject({
    push: z
      .strictObject({ branches: z.array(text) })
      .nullable()
      .optional(),
    pull_request: z.null().optional(),
  }),
  permissions: z
    .partialRecord(z.enum(['contents', 'checks', 'pull-requests']), z.enum(['read', 'write', 'none']))
    .optional(),
  concurrency: z.strictObject({ group: expression, 'cancel-in-progress': z.boolean() }).optional(),
  jobs: z.record(
    z.string().regex(/^[A-Za-z_][\w-]*$/),
    z.strictObject({
      'runs-on': z.enum(['ubuntu-24.04', 'ubuntu-latest']),
      'timeout-minutes': z.int().positive().optional(),
      container: z.strictObject({ image: text, options: text.optional() }).optional(),
      strategy: z
        .strictObject({
          'fail-fast': z.boolean().optional(),
          matrix: z.record(text, z.array(z.union([text, z.number()])).nonempty()),
        })
        .optional(),
      steps: z.array(step).nonempty(),
    }),
  ),
});

/** The same of GitLab's (its CI/CD YAML syntax reference). */
const pipeline = z.object({ stages: z.array(text).nonempty() }).catchall(
  z.strictObject({
    stage: text,
    image: text.optional(),
    tags: z.array(text).optional(),
    parallel: z.int().min(2).max(200).optional(),
    timeout: z
      .string()
      .regex(/^\d+ (minutes|hours)$/)
      .optional(),
    variables: z.record(z.string().regex(/^[A-Z_]+$/), text).optional(),
    before_script: z.array(text).optional(),
    script: z.array(text).nonempty(),
    artifacts: z
      .strictObject({
        when: z.enum(['on_success', 'on_failure', 'always']).optional(),
        expire_in: text.optional(),
        paths: z.array(text).optional(),
        reports: z.strictObject({ junit: text }).optional(),
      })
      .optional(),
  }),
);

const github = readFileSync('docs/ci/github-actions.yml', 'utf8');
const gitlab = readFileSync('docs/ci/gitlab-ci.yml', 'utf8');
const problems = (schema: z.ZodType, yaml: string) => schema.safeParse(parse(yaml)).error?.issues ?? [];

describe.each([
  ['GitHub Actions', workflow, github, /steps:/],
  ['GitLab', pipeline, gitlab, /script:/],
] as const)('the pipeline for %s', (_, schema, yaml, needed) => {
  test('has the form that it must have', () => {
    expect(problems(schema, yaml)).toEqual([]);
  });

  test('the check finds a slip', () => {
    expect(problems(schema, yaml.replace(needed, 'stepps:'))).not.toEqual([]);
    expect(problems(schema, yaml.replace('image:', 'imgae:'))).not.toEqual([]);
  });

  test('runs commands of the lab that there are, with options that there are', () => {
    const folded = yaml.replaceAll(/\n\s+(?=-)(?!- )/g, ' ');
    const commands = [...folded.matchAll(/npx lab (.*)/g)].map(([, words = '']) => words.split(' '));
    expect(commands.map(([name]) => name)).toEqual(['doctor', 'suite']);
    for (const [name = '', ...words] of commands) {
      const command = program().commands.find((each) => each.name() === name);
      const options = words.filter((word) => word.startsWith('--'));
      expect(options.filter((option) => !optionsOf(command).includes(option))).toEqual([]);
      if (name === 'suite') expect(options.length).toBeGreaterThan(3);
    }
  });

  test('installs the packages that the list has for the lab', () => {
    expect(yaml).toContain(
      `awk '$1 == "lab" { print $2 }' node_modules/baremetal-lab/scripts/debian-packages.txt`,
    );
    expect(readFileSync('scripts/debian-packages.txt', 'utf8')).toMatch(/^lab +openvswitch-switch /m);
    expect(readFileSync('package.json', 'utf8')).toContain('"scripts/debian-packages.txt"');
  });
});

test('each expression of the workflow is closed', () => {
  expect(problems(workflow, github.replace('matrix.part }}/3', 'matrix.part }/3'))).not.toEqual([]);
  expect(problems(workflow, github.replace('matrix.part }}/3', 'matrx.part }}/3'))).not.toEqual([]);
});

test('the parts that machines run are as many as they are counted by', () => {
  const { jobs } = workflow.parse(parse(github));
  const count = jobs.suite?.strategy?.matrix.part?.length;
  expect(github).toContain(`--shard \${{ matrix.part }}/${count}\n`);
  expect(gitlab).toContain('--shard $CI_NODE_INDEX/$CI_NODE_TOTAL\n');
});

function optionsOf(command: Command | undefined): (string | undefined)[] {
  return command?.options.map(({ long }) => long) ?? [];
}
