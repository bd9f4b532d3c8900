import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, void *address, unsigned int length)');
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *name)');

// From <linux/if_packet.h> and <linux/if_ether.h>.
const afPacket = 17;
const sockRaw = 3;
const ethPAllInNetworkOrder = 0x0300;

/** What a C function answered, unless that is an error. */
export function check(what: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`${what} failed with errno ${koffi.errno()}`);
}

/**
 * A packet socket (packet(7)) for whole Ethernet frames.
 *
 * @param receive false for one that only sends
 * @returns a file descriptor that is not yet bound to an interface
 */
export function packetSocket({ receive }: { readonly receive: boolean }): number {
  return check('socket(AF_PACKET)', socket(afPacket, sockRaw, receive ? ethPAllInNetworkOrder : 0));
}

/** Binds a packet socket to an interface: its frames go out there, and it gets those that pass there. */
export function bindTo(fd: number, name: string, { receive }: { readonly receive: boolean }): void {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(afPacket, 0);
  address.writeUInt16LE(receive ? ethPAllInNetworkOrder : 0, 2);
  address.writeInt32LE(check(`no interface ${name}: if_nametoindex`, ifNameToIndex(name) || -1), 4);
  check(`bind to ${name}`, bind(fd, address, address.length));
}
