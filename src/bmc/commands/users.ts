/** User commands (IPMI 2.0 sections 22.26 to 22.31). */
import { isLanChannel } from '../bmc-parts.ts';
import { completion, fail, ok, type Reply } from '../completion.ts';
import { privilege } from '../privilege.ts';
import type { BmcState } from '../state.ts';
import { mayLogIn, nameLength, nameOf, passwordOf, type User } from '../users.ts';
import type { CommandTable } from './command.ts';

const idMask = 0x3f;
const nameless = 1;
const passwordWrong = 0x80;
const passwordOfOtherSize = 0x81;

function withUser(state: BmcState, field: number, run: (user: User, id: number) => Reply): Reply {
  const id = field & idMask;
  const user = state.users[id - 1];
  return user ? run(user, id) : fail(completion.outOfRange);
}

function accessByte(user: User): number {
  return (
    (user.callbackOnly ? 0x40 : 0) |
    (user.linkAuthentication ? 0x20 : 0) |
    (user.messaging ? 0x10 : 0) |
    user.privilege
  );
}

export const userCommands: CommandTable = {
  // Set User Access
  67: {
    privilege: privilege.administrator,
    length: [3, 4],
    run: (data, { bmc }) => {
      const [access = 0, id = 0, limit = 0] = data;
      if (!isLanChannel(access)) return fail(completion.invalidField);
      return withUser(bmc.state, id, (user) => {
        if (access & 0x80) {
          user.callbackOnly = (access & 0x40) !== 0;
          user.linkAuthentication = (access & 0x20) !== 0;
          user.messaging = (access & 0x10) !== 0;
        }
        user.privilege = limit & 0x0f;
        bmc.changed();
        return ok();
      });
    },
  },
  // Get User Access
  68: {
    privilege: privilege.operator,
    length: 2,
    run: (data, { bmc }) => {
      const [channel = 0, id = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      return withUser(bmc.state, id, (user) => {
        const enabled = bmc.state.users.filter(mayLogIn).length;
        const status = user.enabled ? 0x40 : 0x80;
        return ok([bmc.state.users.length, status | enabled, 1, accessByte(user)]);
      });
    },
  },
  // Set User Name
  69: {
    privilege: privilege.administrator,
    length: 1 + nameLength,
    run: (data, { bmc }) =>
      withUser(bmc.state, data.readUInt8(0), (user, id) => {
        if (id === nameless) return fail(completion.invalidField);
        user.name = nameOf(data.subarray(1));
        bmc.changed();
        return ok();
      }),
  },
  // Get User Name
  70: {
    privilege: privilege.operator,
    length: 1,
    run: (data, { bmc }) =>
      withUser(bmc.state, data.readUInt8(0), (user) => {
        const field = Buffer.alloc(nameLength);
        field.write(user.name, 'latin1');
        return ok(field);
      }),
  },
  // Set User Password
  71: {
    privilege: privilege.administrator,
    length: [2, 22],
    run: (data, { bmc }) =>
      withUser(bmc.state, data.readUInt8(0), (user, id) => {
        const size = data.readUInt8(0) & 0x80 ? 20 : 16;
        const field = data.subarray(2);
        const operation = data.readUInt8(1) & 0x03;
        const disable = 0;
        const enable = 1;
        if (operation === disable || operation === enable) {
          user.enabled = operation === enable;
          if (!user.enabled) {
            for (const session of bmc.sessions.all()) {
              if (session.userId === id) bmc.sessions.end(session.id);
            }
          }
          bmc.changed();
          return ok();
        }
        if (field.length !== size) return fail(completion.lengthInvalid);
        const given = passwordOf(field, size);
        if (operation === 2) {
          Object.assign(user, given);
          bmc.changed();
          return ok();
        }
        if (given.passwordSize !== user.passwordSize) return fail(passwordOfOtherSize);
        return given.password === user.password ? ok() : fail(passwordWrong);
      }),
  },
};
