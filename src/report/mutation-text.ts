import pc from 'picocolors';
import { type MutantResult, type MutationResult, share } from '../suite/mutation/result.ts';
import { table } from './table.ts';

/** A line about a mutant, when it is known what became of it. */
export function mutantLine(result: MutantResult): string {
  const { topology, thing, change, caught, named, scenario, durationMs } = result;
  const what = `${thing}: ${change}`;
  const seconds = pc.dim(`${(durationMs / 1000).toFixed(1)} s`);
  if (!caught) return `${pc.red('✗')} ${topology}: ${what}  ${pc.red('SURVIVED')} ${seconds}`;
  const doubt = named ? '' : `  ${pc.yellow('its cause is not named')}`;
  return `${pc.green('✓')} ${topology}: ${what}  ${pc.dim(`by ${scenario}`)}${doubt} ${seconds}`;
}

/** The score of a suite's mutation, by kind; then each survivor, and each mutant that was caught for another cause. */
export function mutationText(result: MutationResult): string {
  const { mutants, counts, durationMs } = result;
  const kinds = [...new Set(mutants.map(({ kind }) => kind))];
  const row = (name: string, of: readonly MutantResult[]) => {
    const caught = of.filter((it) => it.caught);
    const named = caught.filter((it) => it.named);
    return [
      name,
      `${caught.length} of ${of.length}`,
      `${share(caught.length, of.length)} %`,
      `${named.length} of ${caught.length}`,
      `${share(named.length, caught.length)} %`,
    ];
  };
  const rows = [
    ['', 'caught', '', 'cause named', ''],
    ...kinds.map((kind) =>
      row(
        kind,
        mutants.filter((it) => it.kind === kind),
      ),
    ),
    row('all', mutants),
  ];
  const survivors = mutants.filter(({ caught }) => !caught);
  const unnamed = mutants.filter(({ caught, named }) => caught && !named);
  return [
    ...table(rows, ''),
    '',
    ...survivors.flatMap(({ topology, thing, change, equivalent }) => [
      `survived on ${topology}: ${thing}: ${change}`,
      ...(equivalent === null ? [] : [`  nothing to notice: ${equivalent}`]),
    ]),
    ...unnamed.flatMap(({ topology, thing, change, scenario, causes }) => [
      `cause not named on ${topology}: ${thing}: ${change}, by ${scenario}`,
      ...causes.slice(0, 3).map(({ text }) => `  it says: ${text}`),
    ]),
    ...(survivors.length + unnamed.length > 0 ? [''] : []),
    pc.bold(
      `${share(counts.caught, counts.mutants)} % of ${counts.mutants} mutants caught, the cause named of ${share(counts.named, counts.caught)} % of them, in ${Math.round(durationMs / 1000)} s`,
    ),
  ].join('\n');
}
