import { constants, open, write } from 'node:fs';
import { connect } from 'node:net';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { LabError } from '../errors.ts';
import { serialPort } from '../libvirt/boot-order.ts';
import { domainXmlOf, type LibvirtConnection, qemuMonitor } from '../libvirt/virsh.ts';
import type { ConsoleListener, ConsoleStream } from './chassis.ts';

/** The name that libvirt gives the character device of a domain's first serial port. */
const serialDevice = 'charserial0';

/**
 * Opens the first serial port of a running domain. It ends when the domain does.
 *
 * @throws LabError `lab-failed` when the domain has no serial port of type pty or unix
 */
export async function openLibvirtConsole(
  connection: LibvirtConnection,
  domain: string,
  listener: ConsoleListener,
): Promise<ConsoleStream> {
  const port = serialPort(await domainXmlOf(connection, domain, 'live'));
  if (!port) {
    throw new LabError('lab-failed', `the domain ${domain} has no serial port of type pty or unix`, {
      remedy: 'add <serial type="pty"/> to the domain',
    });
  }
  const path = `${connection.root ?? ''}${port.path}`;
  const stream = await (port.kind === 'pty' ? openPty(path, listener) : openSocket(path, listener));
  return {
    ...stream,
    sendBreak: () => {
      qemuMonitor(connection, domain, 'chardev-send-break', { id: serialDevice }).catch(() => {
        // A break is sent once, and nobody waits for it.
      });
    },
  };
}

type Line = Pick<ConsoleStream, 'write' | 'close'>;

async function openPty(path: string, listener: ConsoleListener): Promise<Line> {
  const fd = await promisify(open)(path, constants.O_RDWR | constants.O_NOCTTY);
  const reader = new ReadStream(fd);
  // Its line discipline would echo and edit what goes through.
  reader.setRawMode(true);
  reader.on('data', (bytes: Buffer) => listener.data(bytes));
  // The domain's end is an input/output error on its terminal.
  reader.on('error', () => reader.destroy());
  reader.on('close', () => listener.ended());
  let last: Promise<unknown> = Promise.resolve();
  return {
    write: (bytes) => {
      last = last.then(() => promisify(write)(fd, bytes)).catch(() => {});
    },
    close: () => reader.destroy(),
  };
}

async function openSocket(path: string, listener: ConsoleListener): Promise<Line> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('data', (bytes: Buffer) => listener.data(bytes));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => listener.ended());
  return { write: (bytes) => socket.write(bytes), close: () => socket.destroy() };
}
