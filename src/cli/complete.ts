import { Command } from 'commander';

/** What the shells' completion scripts ask: the candidates for the last word, a line each, with a tab before what they are. */
export function completeCommand(): Command {
  return new Command('__complete')
    .argument('[words...]')
    .action(async (words: string[], _options, command) => {
      const { candidates } = await import('./completion/candidates.ts');
      const { namesFor } = await import('./completion/names.ts');
      const found = await candidates((command as Command).parent ?? command, words, namesFor);
      const lines = found.map(({ word, about }) => (about ? `${word}\t${about}\n` : `${word}\n`));
      process.stdout.write(lines.join(''));
    });
}
