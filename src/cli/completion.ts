import { Argument, Command } from 'commander';
import { completionScripts } from './completion/scripts.ts';

export function completionCommand(): Command {
  const shells = Object.keys(completionScripts);
  return new Command('completion')
    .summary('print what makes a shell complete commands and names')
    .description(
      'Prints a script for a shell that completes commands, options, and the names of topologies, labs, scenarios and hosts.',
    )
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `
Load it where the shell starts:
  bash  eval "$(lab completion bash)"          in ~/.bashrc
  zsh   eval "$(lab completion zsh)"           in ~/.zshrc, after compinit
  fish  lab completion fish | source           in ~/.config/fish/config.fish`,
    )
    .action((shell: string) => {
      process.stdout.write(completionScripts[shell as keyof typeof completionScripts]);
    });
}
