import type { DriverDescription } from '../ironic/drivers/table.ts';
import { table } from './table.ts';

const interfaces = ['power', 'management', 'deploy', 'console', 'rescue', 'vendor'] as const;

export function driverTable(drivers: readonly DriverDescription[]): string {
  return table([
    ['DRIVER', 'POWER', 'DEPLOY', 'CONSOLE', 'NEEDS'],
    ...drivers.map((driver) => [
      driver.name,
      driver.interfaces.power,
      driver.interfaces.deploy,
      driver.interfaces.console,
      driver.needs ?? '',
    ]),
  ]).join('\n');
}

export function driverDetails(driver: DriverDescription): string {
  const lines = interfaces.map((name) => `  ${name.padEnd(10)}  ${driver.interfaces[name]}`);
  return [driver.name, ...lines, ...(driver.needs ? [`  It needs ${driver.needs}.`] : [])].join('\n');
}
