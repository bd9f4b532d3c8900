import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { listen } from '../../linux/listen.ts';
import { accessLogLine } from './access-log.ts';
import { fileServer } from './server.ts';
import type { FileServerSettings } from './settings.ts';

/*
 * The HTTP server of kernels, ramdisks and images as a program in devstack, beside the conductor as Apache or nginx is
 * in the field: `file-server SETTINGS-FILE`. It prints a line when it listens.
 */

const { addresses, port, folders, accessLog, pidFile } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as FileServerSettings;
// One after the other in the order of their ends: a conductor reads along.
const log = (line: string) => appendFileSync(accessLog, `${line}\n`);
for (const ip of addresses) {
  await listen(
    fileServer(folders, (request) => log(accessLogLine(request))),
    port,
    ip,
  );
}
writeFileSync(pidFile, `${process.pid}\n`);
process.stdout.write('ready\n');
