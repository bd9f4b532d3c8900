/** Text in lines of at most so many columns, broken between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A rule in lines of at most so many columns, broken behind commas and between words. */
export function wrapRule(rule: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of rule.split(/(?<=,)|(?<= )/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.trimEnd().length <= width)
      lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}
