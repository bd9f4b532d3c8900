import { Command } from 'commander';
import { type CommonOptions, printJson, withCommonOptions } from './context.ts';

export function driversCommand(): Command {
  const list = withCommonOptions(
    new Command('drivers')
      .summary('the drivers and the six interfaces each is composed of')
      .description('Lists the drivers of the article’s time. `lab drivers show X` tells of one.')
      .argument('[show]', 'the word show')
      .argument('[driver]', 'a driver'),
  );
  return list.action(async (show: string | undefined, driver: string | undefined, options: CommonOptions) => {
    const { describeDriver, driverDescriptions } = await import('../ironic/drivers/table.ts');
    const { driverDetails, driverTable } = await import('../report/driver-text.ts');
    const { LabError } = await import('../errors.ts');
    if (show !== undefined && (show !== 'show' || driver === undefined)) {
      throw new LabError('usage', `"${show}" is not possible here`, {
        remedy: 'lab drivers, or lab drivers show DRIVER',
      });
    }
    if (driver !== undefined) {
      const found = describeDriver(driver);
      if (options.json) printJson('driver', found);
      else process.stdout.write(`${driverDetails(found)}\n`);
    } else if (options.json) printJson('drivers', { drivers: driverDescriptions });
    else process.stdout.write(`${driverTable(driverDescriptions)}\n`);
  });
}
