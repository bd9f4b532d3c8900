import { promisify } from 'node:util';
import koffi from 'koffi';
import { check } from '../linux/packet-socket.ts';
import { openTap } from '../linux/tap.ts';
import type { RelayEnd } from './relay-protocol.ts';

const libc = koffi.load('libc.so.6');
const open = libc.func('int open(const char *path, int flags)');
const close = libc.func('int close(int fd)');
const setns = libc.func('int setns(int fd, int type)');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
const read = libc.func('long read(int fd, void *buffer, unsigned long count)');
const write = libc.func('long write(int fd, void *buffer, unsigned long count)');
const poll = libc.func('int poll(void *fds, unsigned long count, int timeout)');
const pollAsync = promisify(poll.async) as (fds: Buffer, count: number, timeout: number) => Promise<number>;

// From <fcntl.h>, <sched.h>, <sys/socket.h>, <linux/sockios.h>, <poll.h>.
const oRdonly = 0;
const cloneNewnet = 0x40000000;
const afInet = 2;
const sockDgram = 2;
const getMtu = 0x8921;
const pollIn = 1;

/** A destination, a source, a type and one VLAN tag: what comes on top of the MTU. */
const headerBytes = 18;

/** One end of a link: a tap, and a socket in its namespace. */
export class RelayTap {
  readonly fd: number;
  private readonly socket: number;
  private readonly request = Buffer.alloc(40);

  /** Leaves this thread in the end's namespace; whatever is opened next enters its own first. */
  constructor({ device, namespace }: RelayEnd) {
    const file = check(`open ${namespace}`, open(namespace, oRdonly));
    check(`setns to ${namespace}`, setns(file, cloneNewnet));
    close(file);
    this.fd = openTap(device, { nonblocking: true });
    this.socket = check('socket', socket(afInet, sockDgram, 0));
    this.request.write(device, 0, 15, 'latin1');
  }

  /** Whether it takes a frame of that length, as a veth would: its MTU does not count the header with one tag. */
  takes(bytes: number): boolean {
    check('SIOCGIFMTU', ioctl(this.socket, getMtu, this.request));
    return bytes <= this.request.readInt32LE(16) + headerBytes;
  }

  /** The next frame that its device sends; undefined when there is none. */
  read(): Buffer | undefined {
    const bytes = Number(read(this.fd, buffer, buffer.length));
    return bytes > 0 ? Buffer.from(buffer.subarray(0, bytes)) : undefined;
  }

  /** Has its device receive a frame. One that is set down receives nothing, as with any cable. */
  write(frame: Buffer): void {
    write(this.fd, frame, frame.length);
  }
}

const buffer = Buffer.alloc(65_536);

/** Waits until at least one of the taps has a frame, and answers the descriptors of those. */
export async function readable(taps: readonly RelayTap[]): Promise<number[]> {
  // struct pollfd: the descriptor, what is asked for, what was found.
  const fds = Buffer.alloc(taps.length * 8);
  taps.forEach(({ fd }, index) => {
    fds.writeInt32LE(fd, index * 8);
    fds.writeInt16LE(pollIn, index * 8 + 4);
  });
  check('poll', await pollAsync(fds, taps.length, -1));
  return taps.flatMap(({ fd }, index) => {
    const found = fds.readInt16LE(index * 8 + 6);
    if (found !== 0 && (found & pollIn) === 0) throw new Error('a tap of a link has gone');
    return found === 0 ? [] : [fd];
  });
}
