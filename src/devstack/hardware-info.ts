import { isIPv4 } from 'node:net';
import type { FileProblem } from './problem.ts';

/** A physical server as DevStack's hardware_info names it. */
export interface HardwareEntry {
  readonly bmcIp: string;
  /** Lower-case, with colons. */
  readonly mac: string;
  readonly username: string;
  readonly password: string;
  readonly line: number;
}

export interface HardwareInfo {
  readonly entries: readonly HardwareEntry[];
  /** The lines whose fifth field, a Redfish system, has no meaning for IPMI drivers. */
  readonly redfishLines: readonly number[];
  readonly problems: readonly FileProblem[];
}

/** IPMI 2.0, 22.28 and 22.30: a user name has at most 16 bytes, a password at most 20. */
const usernameBytes = 16;
const passwordBytes = 20;

const form = 'BMC_IP MAC USER PASSWORD';

/**
 * Reads DevStack's hardware_info: a server a line, `BMC_IP MAC USER PASSWORD` with whitespace between, comments and
 * empty lines. Never throws; no problem repeats a field, since a password may stand in any place of a wrong line.
 */
export function readHardwareInfo(text: string, file: string): HardwareInfo {
  const problems: FileProblem[] = [];
  const entries: HardwareEntry[] = [];
  const redfishLines: number[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const complain = (said: string) => problems.push({ file, line, text: said });
    const fields = content
      .replace(/^\s*#.*$|\s+#.*$/, '')
      .trim()
      .split(/\s+/);
    if (fields.length === 1 && fields[0] === '') continue;
    const [bmcIp = '', macText = '', username = '', password = ''] = fields;
    if (fields.length < 4 || fields.length > 5) {
      complain(`found ${fields.length === 1 ? 'one field' : `${fields.length} fields`}, expected ${form}`);
      continue;
    }
    const before = problems.length;
    const mac = macText.toLowerCase().replaceAll('-', ':');
    if (!isIPv4(bmcIp))
      complain(`the first field is no IPv4 address, expected the BMC's; the form is ${form}`);
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) {
      complain(`the second field is no MAC address such as 52:54:00:12:34:56; the form is ${form}`);
    } else if (/^.[13579bdf]/.test(mac) || /^[0:]+$/.test(mac)) {
      complain('the second field is no MAC address of one machine, but all zeros or multicast; correct it');
    }
    if (Buffer.byteLength(username) > usernameBytes || !/^[A-Za-z0-9][\w-]*$/.test(username)) {
      complain(
        `the third field is no user of a BMC, expected up to ${usernameBytes} letters, digits, - and _`,
      );
    }
    if (Buffer.byteLength(password) > passwordBytes) {
      complain(
        `the fourth field has over ${passwordBytes} bytes, which no password of IPMI 2.0 has; shorten it`,
      );
    }
    if (problems.length > before) continue;
    const same = entries.find((entry) => entry.mac === mac || entry.bmcIp === bmcIp);
    if (same) {
      complain(
        `found the ${same.mac === mac ? 'MAC' : 'BMC address'} of line ${same.line} again; change one of the two`,
      );
      continue;
    }
    if (fields.length === 5) redfishLines.push(line);
    entries.push({ bmcIp, mac, username, password, line });
  }
  return { entries, redfishLines, problems };
}
