import type { RunResult } from '../../src/scenarios/result.ts';
import { countRuns, type SuiteResult, type SuiteRun } from '../../src/suite/result.ts';

/** A run that passed, but for what is given. */
export function madeUpRun(given: Partial<SuiteRun> = {}): SuiteRun {
  const scenario = given.scenario ?? 'dhcp';
  const topology = given.topology ?? 'flat';
  const result: RunResult = {
    topology,
    expected: 'lease',
    observed: 'lease',
    verdict: 'pass',
    claims: [{ text: 'it holds', holds: true, why: '', evidence: [] }],
    journeys: [],
    captures: {},
    provisionings: [],
    durationMs: 1234.5,
  };
  return {
    ...result,
    id: `${scenario} on ${topology}`,
    scenario,
    title: 'A title',
    teaches: 'Something.',
    tags: [],
    scenarioFile: `/project/scenarios/${scenario}.ts`,
    topologyFile: `/project/topologies/${topology}.yaml`,
    folder: `/runs/${scenario}/${topology}/1`,
    startedAt: '2026-11-23T06:00:00.000Z',
    earlier: [],
    ...given,
  };
}

export function madeUpResult(runs: readonly SuiteRun[], given: Partial<SuiteResult> = {}): SuiteResult {
  return {
    startedAt: '2026-11-23T06:00:00.000Z',
    durationMs: 4321,
    verdict: 'pass',
    interrupted: false,
    counts: countRuns(runs),
    shard: null,
    seed: null,
    jobs: 4,
    machine: { cpu: 'a processor', cpus: 2, memoryGib: 8 },
    versions: { 'baremetal-lab': '0.1.0' },
    topologies: {},
    runs,
    ...given,
  };
}
