/** What a BMC tells before anyone has logged in, and after (IPMI 2.0 sections 22.13 to 22.15). */
import { isLanChannel, lanChannel } from '../bmc-parts.ts';
import { type CipherSuite, encodeAlgorithms, encodeSuiteRecords } from '../cipher-suites.ts';
import { completion, fail, ok, type Reply } from '../completion.ts';
import { suitePrivilege } from '../lan-configuration.ts';
import type { BmcState } from '../state.ts';
import { mayLogIn } from '../users.ts';

/** What the answers are drawn from. */
export interface Discoverable {
  readonly state: BmcState;
  readonly suites: readonly CipherSuite[];
  readonly allow15: boolean;
}

const md5Bit = 0x04;
const passwordBit = 0x10;
const extendedBit = 0x80;
const recordsPerAnswer = 16;

/** Get Channel Authentication Capabilities. */
export function authenticationCapabilities(bmc: Discoverable, data: Buffer): Reply {
  if (data.length !== 2) return fail(completion.lengthInvalid);
  const [channel = 0] = data;
  if (!isLanChannel(channel)) return fail(completion.invalidField);
  const asks20 = (channel & extendedBit) !== 0;
  const logins = bmc.state.users.filter(mayLogIn);
  const status =
    (bmc.state.kg === '' ? 0 : 0x20) |
    (logins.some((user) => user.name !== '') ? 0x04 : 0) |
    (logins.some((user) => user.name === '' && user.password !== '') ? 0x02 : 0) |
    (logins.some((user) => user.name === '' && user.password === '') ? 0x01 : 0);
  const types = bmc.allow15 ? md5Bit | passwordBit : 0;
  return ok([
    lanChannel,
    types | (asks20 ? extendedBit : 0),
    asks20 ? status : status & ~0x20,
    asks20 ? 0x02 | (bmc.allow15 ? 0x01 : 0) : 0,
    ...[0, 0, 0, 0],
  ]);
}

/** Get System GUID. */
export function systemGuid(bmc: Discoverable, data: Buffer): Reply {
  return data.length === 0 ? ok(Buffer.from(bmc.state.guid, 'hex')) : fail(completion.lengthInvalid);
}

/** Get Channel Cipher Suites: 16 bytes of the list at a time. */
export function channelCipherSuites(bmc: Discoverable, data: Buffer): Reply {
  if (data.length !== 3) return fail(completion.lengthInvalid);
  const [channel = 0, , index = 0] = data;
  if (!isLanChannel(channel)) return fail(completion.invalidField);
  const usable = bmc.suites.filter((suite) => suitePrivilege(bmc.state, bmc.suites, suite.id) > 0);
  const all = index & 0x80 ? encodeSuiteRecords(usable) : encodeAlgorithms(usable);
  const from = (index & 0x3f) * recordsPerAnswer;
  return ok(Buffer.concat([Buffer.from([lanChannel]), all.subarray(from, from + recordsPerAnswer)]));
}
