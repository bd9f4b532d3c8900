/** A table as OpenStack's clients of Juno print it (PrettyTable): `| a | b |` between lines of `+---+`. */
export function prettyTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const cells = (row: readonly string[]) =>
    `|${widths.map((width, column) => ` ${(row[column] ?? '').padEnd(width)} `).join('|')}|`;
  return [line, cells(header), line, ...rows.map(cells), line].join('\n');
}

/** The properties of one thing, sorted by their names as the clients have them. */
export function propertyTable(
  header: readonly [string, string],
  properties: Readonly<Record<string, unknown>>,
): string {
  const rows = Object.entries(properties)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, cell(value)]);
  return prettyTable(header, rows);
}

/** A value in Python's words, which the clients print. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
