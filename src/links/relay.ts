import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '../errors.ts';
import { RelayLink } from './relay-link.ts';
import type { RelayAnswer, RelayRequest, RelaySettings } from './relay-protocol.ts';
import { readable } from './relay-taps.ts';

/*
 * The cables of a lab that have faults, made in userspace between two taps each, for kernels without netem.
 *
 * Usage: link-relay SETTINGS-FILE; prints a line when frames pass, and ends with the host that it runs in.
 */

const { links, socket, pidFile } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as RelaySettings;
const running = links.map((link) => new RelayLink(link));

function answer(line: string): RelayAnswer {
  try {
    const { link, faults } = JSON.parse(line) as RelayRequest;
    const found = running.find(({ name }) => name === link);
    if (!found) return { error: `there is no link ${link}` };
    if (faults) found.set(faults);
    return found.state;
  } catch (error) {
    return { error: messageOf(error) };
  }
}

const server = createServer((client: Socket) => {
  client.on('error', () => undefined);
  createInterface({ input: client }).on('line', (line) => client.write(`${JSON.stringify(answer(line))}\n`));
});
server.listen(socket, () => {
  writeFileSync(pidFile, `${process.pid}\n`);
  process.stdout.write('ready\n');
});

const taps = running.flatMap(({ taps }) => taps);
for (;;) {
  for (const fd of await readable(taps)) for (const link of running) link.receive(fd);
}
