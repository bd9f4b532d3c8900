import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { bindTo, check, packetSocket } from './packet-socket.ts';
import { openTap } from './tap.ts';

/*
 * A VLAN interface in userspace, for kernels without the 8021q module: a tap device whose frames go out of a parent
 * interface with a tag, and which gets the parent's frames of that VLAN without it. VLAN 0 is no VLAN but a priority
 * alone (IEEE 802.1Q, 6.9.1): such an interface gets untagged frames as well.
 *
 * Usage: vlan-device PARENT VLAN; makes PARENT.VLAN, prints its name, and ends with its standard input.
 */

const libc = koffi.load('libc.so.6');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, void *value, unsigned int length)');

// From <linux/if_packet.h>, <asm-generic/socket.h>.
const solSocket = 1;
const soAttachFilter = 26;
const solPacket = 263;
const packetIgnoreOutgoing = 23;

const readFd = promisify(read);
const writeFd = promisify(write);

/** A packet socket on an interface that gets the frames of one VLAN alone, which the kernel hands over untagged. */
function openParent(name: string, vlan: number): number {
  const fd = packetSocket({ receive: true });
  const one = Buffer.from([1, 0, 0, 0]);
  check('PACKET_IGNORE_OUTGOING', setsockopt(fd, solPacket, packetIgnoreOutgoing, one, one.length));
  attachFilter(fd, vlan);
  bindTo(fd, name, { receive: true });
  return fd;
}

/** Classic BPF (bpf(4)) on the kernel's note of the tag: SKF_AD_VLAN_TAG_PRESENT and SKF_AD_VLAN_TAG. */
function attachFilter(fd: number, vlan: number): void {
  const program = [
    [0x30, 0, 0, 0xfffff030], // A = whether there is a tag
    [0x15, 0, vlan === 0 ? 3 : 4, 1], // no: refuse, or take it where only the priority is tagged
    [0x28, 0, 0, 0xfffff02c], // A = the tag
    [0x54, 0, 0, 0x0fff], // A = its VLAN id
    [0x15, 0, 1, vlan], // another: refuse
    [0x06, 0, 0, 0x40000], // take the frame
    [0x06, 0, 0, 0], // refuse it
  ] as const;
  const code = Buffer.alloc(program.length * 8);
  program.forEach(([opcode, jumpTrue, jumpFalse, k], index) => {
    code.writeUInt16LE(opcode, index * 8);
    code.writeUInt8(jumpTrue, index * 8 + 2);
    code.writeUInt8(jumpFalse, index * 8 + 3);
    code.writeUInt32LE(k, index * 8 + 4);
  });
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length, 0);
  fprog.writeBigUInt64LE(BigInt(koffi.address(code)), 8);
  check('SO_ATTACH_FILTER', setsockopt(fd, solSocket, soAttachFilter, fprog, fprog.length));
}

/** Carries frames one way, for ever. An interface that is down for a moment is no reason to end. */
async function carry(from: number, to: number, change: (frame: Buffer) => Buffer): Promise<void> {
  const buffer = Buffer.alloc(65_536);
  for (;;) {
    try {
      const { bytesRead } = await readFd(from, buffer, 0, buffer.length, null);
      if (bytesRead >= 14) await writeFd(to, change(buffer.subarray(0, bytesRead)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENETDOWN' && code !== 'EIO') throw error;
    }
  }
}

/** The frame with a tag (IEEE 802.1Q, priority 0) behind its addresses. */
function tagged(frame: Buffer, vlan: number): Buffer {
  return Buffer.concat([
    frame.subarray(0, 12),
    Buffer.from([0x81, 0, vlan >> 8, vlan & 0xff]),
    frame.subarray(12),
  ]);
}

const [parent = '', vlanText = ''] = process.argv.slice(2);
const vlan = Number(vlanText);
const name = `${parent}.${vlan}`;
const wire = openParent(parent, vlan);
const tap = openTap(name);
// A read that waits in a thread would hold up an orderly exit for ever.
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdout.write(`${name}\n`);
await Promise.all([carry(tap, wire, (frame) => tagged(frame, vlan)), carry(wire, tap, (frame) => frame)]);
