import koffi from 'koffi';
import { check } from './packet-socket.ts';

const libc = koffi.load('libc.so.6');
const open = libc.func('int open(const char *path, int flags)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');

// From <linux/if_tun.h>, <fcntl.h>.
const tunSetIff = 0x400454ca;
const tunSetCarrier = 0x400454e2;
const iffTap = 0x0002;
const iffNoPi = 0x1000;
const oRdwr = 2;
const oNonblock = 0o4000;

/**
 * Makes a tap device in the network namespace that this process is in, for as long as the file is open: what is written
 * to the file the device receives, what it sends can be read.
 *
 * @returns the file's descriptor
 */
export function openTap(name: string, { nonblocking = false } = {}): number {
  const fd = check('open /dev/net/tun', open('/dev/net/tun', nonblocking ? oRdwr | oNonblock : oRdwr));
  const request = Buffer.alloc(40);
  request.write(name, 0, 15, 'latin1');
  request.writeUInt16LE(iffTap | iffNoPi, 16);
  check(`TUNSETIFF ${name}`, ioctl(fd, tunSetIff, request));
  return fd;
}

/** Plugs a tap's cable in or out, as the device shows it (NO-CARRIER). */
export function setCarrier(fd: number, plugged: boolean): void {
  const argument = Buffer.alloc(4);
  argument.writeInt32LE(plugged ? 1 : 0);
  check('TUNSETCARRIER', ioctl(fd, tunSetCarrier, argument));
}
