import { writeSync } from 'node:fs';
import { bindTo, packetSocket } from './packet-socket.ts';

/*
 * Sends frames out of an interface as they are.
 *
 * Usage: send-frame INTERFACE FRAME…, each FRAME a whole Ethernet frame in hexadecimal.
 */

const [name = '', ...frames] = process.argv.slice(2);
const fd = packetSocket({ receive: false });
bindTo(fd, name, { receive: false });
for (const frame of frames) writeSync(fd, Buffer.from(frame, 'hex'));
