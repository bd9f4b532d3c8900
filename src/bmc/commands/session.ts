/** Session commands (IPMI 2.0 section 22). */

import { type BmcParts, lanChannel } from '../bmc-parts.ts';
import { completion, fail, ok, type Reply } from '../completion.ts';
import { isSessionPrivilege, privilege } from '../privilege.ts';
import type { Session } from '../session.ts';
import { type Command, type CommandTable, uint } from './command.ts';
import { authenticationCapabilities, channelCipherSuites, systemGuid } from './discovery.ts';

const aboveLimit = 0x81;
const unknownSession = 0x87;
const unknownHandle = 0x88;
const rmcpPlusProtocol = 0x10;
const byHandle = 0xfe;
const byId = 0xff;

function discovery(answer: (bmc: BmcParts, data: Buffer) => Reply): Command {
  return { privilege: privilege.none, length: [0, 255], run: (data, { bmc }) => answer(bmc, data) };
}

function describe(bmc: BmcParts, session: Session | undefined): Reply {
  const counts = [bmc.sessions.limit, bmc.sessions.size];
  if (!session) return ok([0, ...counts]);
  const octets = session.peer.address.split('.').map(Number);
  return ok([
    ...[session.handle, ...counts, session.userId, session.level],
    lanChannel | (session.version === '2.0' ? rmcpPlusProtocol : 0),
    ...(octets.length === 4 ? octets : [0, 0, 0, 0]),
    ...[0, 0, 0, 0, 0, 0],
    ...uint(session.peer.port, 2),
  ]);
}

export const sessionCommands: CommandTable = {
  55: discovery(systemGuid),
  56: discovery(authenticationCapabilities),
  84: discovery(channelCipherSuites),
  // Set Session Privilege Level
  59: {
    privilege: privilege.none,
    length: 1,
    run: (data, { session }) => {
      const level = data.readUInt8(0) & 0x0f;
      if (level !== 0) {
        if (!isSessionPrivilege(level) || level === privilege.callback) return fail(completion.invalidField);
        if (level > session.limit) return fail(aboveLimit);
        session.level = level;
      }
      return ok([session.level]);
    },
  },
  // Close Session
  60: {
    privilege: privilege.none,
    length: [4, 5],
    run: (data, { bmc, session }) => {
      const id = data.readUInt32LE(0);
      const handle = data[4];
      const target =
        id === 0 && handle !== undefined
          ? bmc.sessions.all().find((other) => other.handle === handle)
          : bmc.sessions.get(id);
      if (!target) return fail(id === 0 ? unknownHandle : unknownSession);
      if (target !== session && session.level < privilege.administrator) {
        return fail(completion.insufficientPrivilege);
      }
      bmc.sessions.end(target.id);
      return ok();
    },
  },
  // Get Session Info
  61: {
    privilege: privilege.user,
    length: [1, 5],
    run: (data, { bmc, session }) => {
      const index = data.readUInt8(0);
      const sessions = bmc.sessions.all();
      if (index === 0) return describe(bmc, session);
      if (index === byHandle && data.length === 2) {
        const found = sessions.find((other) => other.handle === data[1]);
        return found ? describe(bmc, found) : fail(completion.notPresent);
      }
      if (index === byId && data.length === 5) {
        const found = bmc.sessions.get(data.readUInt32LE(1));
        return found ? describe(bmc, found) : fail(completion.notPresent);
      }
      return data.length === 1 ? describe(bmc, sessions[index - 1]) : fail(completion.lengthInvalid);
    },
  },
};
