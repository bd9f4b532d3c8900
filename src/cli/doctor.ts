import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { exitCode } from '../errors.ts';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('what this machine has of what labs need')
    .description(
      'Tells what this machine has, what it lacks and the command that installs it, and which accelerator works. Exit code 4 when something needed is missing.',
    );
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const { diagnose } = await import('../lab/doctor.ts');
    const { parsePackages } = await import('../linux/packages.ts');
    const { packageRoot } = await import('./package.ts');
    const list = readFileSync(join(packageRoot, 'scripts', 'debian-packages.txt'), 'utf8');
    const diagnosis = await diagnose(parsePackages(list).filter(({ set }) => set === 'lab'));
    if (options.json) printJson('doctor', diagnosis);
    else {
      const { diagnosisText } = await import('../report/diagnosis-text.ts');
      process.stdout.write(`${diagnosisText(diagnosis)}\n`);
    }
    if (!diagnosis.ready) process.exitCode = exitCode.machineLacks;
  });
}
