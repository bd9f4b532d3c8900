import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { labNameFor } from '../../lab/home.ts';
import { interruptible } from '../../lab/interruption.ts';
import { labPlan } from '../../lab/plan.ts';
import { scratchFolder } from '../../lab/scratch.ts';
import type { Accelerator } from '../../libvirt/domain-xml.ts';
import { type Progress, ProgressLog } from '../../report/progress.ts';
import type { Scenario } from '../../scenarios/api.ts';
import type { RunResult } from '../../scenarios/result.ts';
import { declaredOutcome, type RunTopology } from '../../scenarios/run.ts';
import { tryScenario } from '../../scenarios/try.ts';
import { equivalence } from './equivalent.ts';
import { allMutants } from './kinds/all.ts';
import { MutantLab } from './mutant-lab.ts';
import type { Mutant, MutationKind } from './mutation.ts';
import { countMutants, type MutantResult, type MutationResult } from './result.ts';

/** A scenario that may notice a mutant. */
export interface LoadedScenario {
  readonly name: string;
  readonly file: string;
  readonly scenario: Scenario;
}

/** A topology with the scenarios that declare an outcome for it. */
export interface Mutated {
  readonly on: RunTopology;
  readonly scenarios: readonly LoadedScenario[];
}

export interface MutateOptions {
  readonly accelerator: Accelerator;
  /** How many labs there are at once. */
  readonly jobs: number;
  readonly progress: Progress;
  /** Only mutants of which this is true. */
  readonly only?: (mutant: Mutant) => boolean;
  /** Is told each mutant when it is known what became of it. */
  readonly onResult?: (result: MutantResult, done: number, all: number) => void;
}

/**
 * Removes or corrupts one thing after the other that a lab installs, and looks whether a scenario is red then. Each
 * worker keeps one lab up. The scenarios that are likeliest to notice go first, then the quickest; the first that is red
 * ends a mutant.
 *
 * @throws LabError `lab-failed` when a scenario is red although nothing is mutated
 */
export async function mutate(mutated: readonly Mutated[], options: MutateOptions): Promise<MutationResult> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const tasks = tasksOf(mutated, options);
  const results: (MutantResult | undefined)[] = tasks.map(() => undefined);
  let next = 0;
  let done = 0;
  const benches = new Map<number, Bench>();
  const work = async (worker: number) => {
    let bench: Bench | undefined;
    try {
      for (;;) {
        const index = next++;
        const task = tasks[index];
        if (!task) return;
        if (bench?.on !== task.on) {
          await bench?.end();
          bench = new Bench(task.on, task.scenarios, worker, options);
          benches.set(worker, bench);
        }
        const result = await bench.judge(task.kind, task.mutant);
        results[index] = result;
        options.onResult?.(result, ++done, tasks.length);
      }
    } catch (error) {
      // The others need not go on.
      next = tasks.length;
      throw error;
    } finally {
      await bench?.end();
    }
  };
  const workers = Math.max(1, Math.min(options.jobs, tasks.length));
  const ended = await interruptible(
    () => Promise.allSettled(Array.from({ length: workers }, (_, worker) => work(worker))),
    async () => {
      await Promise.all([...benches.values()].map((bench) => bench.end()));
    },
  );
  for (const it of ended) if (it.status === 'rejected') throw it.reason;
  const mutants = results.filter((result) => result !== undefined);
  return {
    startedAt,
    durationMs: Math.round(performance.now() - start),
    topologies: mutated.map(({ on }) => on.name),
    scenarios: [...new Set(mutated.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)))].sort(),
    counts: countMutants(mutants),
    mutants,
  };
}

/** Every mutant with its topology; of a kind to which the network makes no difference those of one. */
function tasksOf(mutated: readonly Mutated[], { only = () => true }: Pick<MutateOptions, 'only'>) {
  const done = new Map<MutationKind, RunTopology>();
  return mutated.flatMap(({ on, scenarios }) =>
    allMutants(labPlan(on.topology), on.topology)
      .filter(({ kind, mutant }) => {
        if (kind.once && (done.get(kind) ?? on) !== on) return false;
        done.set(kind, on);
        return only(mutant);
      })
      .map((task) => ({ ...task, on, scenarios })),
  );
}

/** A worker's lab of one topology, and the scenarios that are tried in it. */
class Bench {
  readonly on: RunTopology;
  private scenarios: readonly LoadedScenario[];
  private readonly progress: Progress;
  private readonly lab: MutantLab;
  private readonly folder: string;
  private readonly durations = new Map<string, number>();

  constructor(
    on: RunTopology,
    scenarios: readonly LoadedScenario[],
    worker: number,
    { accelerator, progress }: MutateOptions,
  ) {
    this.on = on;
    this.scenarios = scenarios;
    this.progress = progress;
    this.folder = mkdtempSync(join(scratchFolder(), 'mutants-'));
    const name = labNameFor(['mutate', on.name, String(worker)], `-${process.pid}`);
    this.lab = new MutantLab(on, { name, accelerator, progress });
  }

  /** Tries scenarios on a mutant until one is red. */
  async judge(kind: MutationKind, { mutation, apply, undo, tamper }: Mutant): Promise<MutantResult> {
    const start = performance.now();
    let red: { readonly scenario: string; readonly result: RunResult } | undefined;
    let isApplied = false;
    const restore = async () => {
      if (isApplied) await this.lab.restore(undo);
      isApplied = false;
    };
    const tryMutated = async (loaded: LoadedScenario) => {
      if (!isApplied) {
        const lab = await this.lab.lab();
        isApplied = true;
        await apply(lab);
      }
      return this.try(loaded, tamper ? { tamper } : {});
    };
    try {
      for (const loaded of this.inOrder(kind)) {
        if (!this.durations.has(loaded.name)) {
          await restore();
          await this.check(loaded);
        }
        let result = await tryMutated(loaded);
        // An error, or what does not name the thing, may be due to a busy machine, or to what others have left in the lab.
        if (result.verdict === 'error' || (isRed(result) && result.causes?.[0]?.thing !== mutation.thing)) {
          await restore();
          if (!(await this.isStillOfUse(loaded))) continue;
          result = await tryMutated(loaded);
        }
        if (!isRed(result)) continue;
        red = { scenario: loaded.name, result };
        break;
      }
    } finally {
      await restore();
    }
    const causes = red?.result.causes ?? [];
    return {
      ...mutation,
      topology: this.on.name,
      caught: red !== undefined,
      scenario: red?.scenario ?? null,
      causes,
      named: causes[0]?.thing === mutation.thing,
      equivalent: red ? null : (equivalence(mutation) ?? null),
      durationMs: Math.round(performance.now() - start),
    };
  }

  /** A scenario is of use if it passes in a lab as planned, after whatever was tried there before. */
  private async check(loaded: LoadedScenario): Promise<void> {
    const result = await this.try(loaded, {});
    if (result.verdict !== 'pass' && result.verdict !== 'skip')
      throw redWithoutMutation(loaded, this.on, result);
    this.durations.set(loaded.name, result.durationMs);
    await this.lab.restore(async () => undefined);
  }

  /**
   * Some pass in a new lab alone. One that is red for another reason than the mutant, and is so without it as well, is
   * tried on no other.
   */
  private async isStillOfUse(loaded: LoadedScenario): Promise<boolean> {
    const result = await this.try(loaded, {});
    if (!isRed(result)) return true;
    this.scenarios = this.scenarios.filter((scenario) => scenario !== loaded);
    this.progress.note(`${loaded.name} on ${this.on.name} is red without a mutant too: it is left out`);
    return false;
  }

  end(): Promise<void> {
    return this.lab.end();
  }

  private async try(
    { name, file, scenario }: LoadedScenario,
    { tamper }: Pick<Mutant, 'tamper'>,
  ): Promise<RunResult> {
    const lab = await this.lab.lab();
    const folder = join(this.folder, name);
    const result = await tryScenario(scenario, lab, {
      topology: this.on.name,
      expected: declaredOutcome(scenario, this.on),
      file,
      folder,
      progress: new ProgressLog(),
      ...(tamper ? { tamper } : {}),
    });
    rmSync(folder, { recursive: true, force: true });
    await this.lab.tidy(result.verdict === 'pass');
    return result;
  }

  private inOrder({ noticedBy }: MutationKind): LoadedScenario[] {
    const rank = ({ name }: LoadedScenario) => {
      const place = noticedBy.indexOf(name);
      return place < 0 ? noticedBy.length : place;
    };
    // What has not been tried yet is checked first, which takes longer than any that has.
    const duration = ({ name }: LoadedScenario) => this.durations.get(name) ?? Number.POSITIVE_INFINITY;
    return [...this.scenarios].sort((a, b) => rank(a) - rank(b) || compare(duration(a), duration(b)));
  }
}

/** Infinity less Infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function isRed({ verdict }: RunResult): boolean {
  return verdict === 'fail' || verdict === 'error';
}

function redWithoutMutation({ name }: LoadedScenario, on: RunTopology, result: RunResult): LabError {
  const failed = result.claims.filter(({ holds }) => !holds).map(({ text, why }) => `${text}: ${why}`);
  const why = result.reason ?? failed[0] ?? `${result.observed}, but declared is ${result.expected}`;
  return new LabError('lab-failed', `scenario ${name} is red on ${on.name} without any mutation: ${why}`, {
    remedy: `lab scenario ${name} --topology ${on.name}`,
  });
}
