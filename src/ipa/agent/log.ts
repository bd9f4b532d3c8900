const kept: string[] = [];
const mostKept = 5000;
let console = (line: string): void => void process.stdout.write(`${line}\n`);

/** Says something on the console, with the seconds since power-on, and keeps it for log.collect_system_logs. */
export function log(text: string): void {
  const line = `[${process.hrtime()[0]}.${String(process.hrtime()[1]).padStart(9, '0').slice(0, 3)}] lab-agent: ${text}`;
  kept.push(line);
  if (kept.length > mostKept) kept.shift();
  console(line);
}

/** Sends what is said elsewhere than to standard output. */
export function logTo(write: (line: string) => void): void {
  console = write;
}

export function keptLog(): string {
  return kept.map((line) => `${line}\n`).join('');
}
