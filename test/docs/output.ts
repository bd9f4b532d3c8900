/** What differs from run to run, as it is shown and as it may be instead. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d'],
  [/\d\d:\d\d:\d\d\.\d{6}/, '\\d\\d:\\d\\d:\\d\\d\\.\\d{6}'],
  [/\b\d+(?:\.\d+)? (?:ms|s|GiB)\b/, '\\d+(?:\\.\\d+)? (?:ms|s|GiB)'],
  [/xid[ =]0x[0-9a-f]+/, 'xid[ =]0x[0-9a-f]+'],
  [/duration=[\d.]+s/, 'duration=[\\d.]+s'],
  [/(?:n_packets|n_bytes|idle_age)=\d+/, '(?:n_packets|n_bytes|idle_age)=\\d+'],
  [/…/, '.*'],
  [/\s+/, '\\s+'],
];
const anyVolatile = new RegExp(`(${volatile.map(([shown]) => shown.source).join('|')})`);

/** Whether a line of real output is the one that a page shows: `…` stands for anything, times may differ. */
function isShown(shown: string): (line: string) => boolean {
  const pattern = shown
    .trim()
    .split(anyVolatile)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return volatile.find(([each]) => new RegExp(`^${each.source}$`).test(part))?.[1] ?? '';
    })
    .join('');
  const whole = new RegExp(`^${pattern}$`);
  return (line) => whole.test(line.trim());
}

/** The lines that a page shows and that real output lacks. Parts of a lab come up in any order. */
export function missingFrom(output: string, shown: readonly string[]): string[] {
  const lines = output.split('\n');
  return shown.filter((line) => !lines.some(isShown(line)));
}
