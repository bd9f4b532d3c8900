import { writeFileSync } from 'node:fs';
import { recordConsoleTimes } from './console-times.ts';

/*
 * Notes when the consoles of a host's domains say something, as a program of its own: `console-recorder PID-FILE`. It
 * prints a line when it watches.
 */

recordConsoleTimes();
writeFileSync(process.argv[2] ?? '', `${process.pid}\n`);
process.stdout.write('ready\n');
