/** RMCP+ payload commands (IPMI 2.0 section 24). The one payload there is beside IPMI itself is SOL. */
import { isLanChannel } from '../bmc-parts.ts';
import { completion, fail, ok } from '../completion.ts';
import { privilege } from '../privilege.ts';
import { payloadType } from '../rmcpplus-packet.ts';
import { getSolParameter, solParameter, solPayloadSize } from '../sol-server.ts';
import { type CommandTable, uint } from './command.ts';

const alreadyActive = 0x80;
const disabled = 0x81;
const notWithEncryption = 0x83;
const notWithoutEncryption = 0x84;
const alreadyInactive = 0x80;
const encryptBit = 0x80;
const onlyInstance = 1;
const noVlan = 0xffff;
const solBit = 0x02;
const version10 = 0x10;

export const payloadCommands: CommandTable = {
  // Activate Payload
  72: {
    privilege: privilege.user,
    length: 6,
    run: (data, { bmc, session }) => {
      const [type = 0, instance = 0, options = 0] = data;
      if ((type & 0x3f) !== payloadType.sol || (instance & 0x0f) !== onlyInstance) {
        return fail(completion.invalidField);
      }
      if (session.version === '1.5') return fail(completion.notInPresentState);
      const enabled = getSolParameter(bmc.state, solParameter.enable)?.readUInt8(0) ?? 0;
      if (!(enabled & 1)) return fail(disabled);
      const wanted = getSolParameter(bmc.state, solParameter.authentication)?.readUInt8(0) ?? 0;
      const user = bmc.state.users[session.userId - 1];
      if (session.level < (wanted & 0x0f) || !user?.serialOverLan)
        return fail(completion.insufficientPrivilege);
      // Whether packets are encrypted is the suite's to say: all of a session's are, or none.
      const encrypts = session.keys.suite.confidentiality === 1;
      if (options & encryptBit && !encrypts) return fail(notWithEncryption);
      if (wanted & encryptBit && !(options & encryptBit) && encrypts) return fail(notWithoutEncryption);
      if (bmc.sol.session && bmc.sol.session !== session) return fail(alreadyActive);
      bmc.sol.activate(session);
      return ok([
        ...[0, 0, 0, 0],
        ...uint(solPayloadSize, 2),
        ...uint(solPayloadSize, 2),
        ...uint(bmc.lan.port, 2),
        ...uint(noVlan, 2),
      ]);
    },
  },
  // Deactivate Payload
  73: {
    privilege: privilege.user,
    length: 6,
    run: (data, { bmc, session }) => {
      const [type = 0, instance = 0] = data;
      if ((type & 0x3f) !== payloadType.sol || (instance & 0x0f) !== onlyInstance) {
        return fail(completion.invalidField);
      }
      const owner = bmc.sol.session;
      if (!owner) return fail(alreadyInactive);
      if (owner !== session && session.level < privilege.operator)
        return fail(completion.insufficientPrivilege);
      bmc.sol.deactivate(owner !== session);
      return ok();
    },
  },
  // Get Payload Activation Status
  74: {
    privilege: privilege.user,
    length: 1,
    run: (data, { bmc }) => {
      if ((data.readUInt8(0) & 0x3f) !== payloadType.sol) return fail(completion.invalidField);
      return ok([onlyInstance, bmc.sol.session ? 1 : 0, 0]);
    },
  },
  // Get Payload Instance Info
  75: {
    privilege: privilege.user,
    length: 2,
    run: (data, { bmc }) => {
      const [type = 0, instance = 0] = data;
      if ((type & 0x3f) !== payloadType.sol || instance !== onlyInstance)
        return fail(completion.invalidField);
      return ok([...uint(bmc.sol.session?.id ?? 0, 4), 1, 0, 0, 0, 0, 0, 0, 0]);
    },
  },
  // Set User Payload Access
  76: {
    privilege: privilege.administrator,
    length: 6,
    run: (data, { bmc }) => {
      const [channel = 0, operation = 0, standard = 0] = data;
      const user = bmc.state.users[(operation & 0x3f) - 1];
      if (!isLanChannel(channel) || operation >> 6 > 1) return fail(completion.invalidField);
      if (!user) return fail(completion.outOfRange);
      if (standard & solBit) {
        user.serialOverLan = operation >> 6 === 0;
        bmc.changed();
      }
      return ok();
    },
  },
  // Get User Payload Access
  77: {
    privilege: privilege.operator,
    length: 2,
    run: (data, { bmc }) => {
      const [channel = 0, id = 0] = data;
      const user = bmc.state.users[(id & 0x3f) - 1];
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      return user ? ok([user.serialOverLan ? solBit : 0, 0, 0, 0]) : fail(completion.outOfRange);
    },
  },
  // Get Channel Payload Support: IPMI, SOL and the session set-up payloads
  78: {
    privilege: privilege.user,
    length: 1,
    run: (data) =>
      isLanChannel(data.readUInt8(0)) ? ok([0x03, 0, 0x3f, 0, 0, 0, 0, 0]) : fail(completion.invalidField),
  },
  // Get Channel Payload Version
  79: {
    privilege: privilege.user,
    length: 2,
    run: (data) => {
      const [channel = 0, type = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      return type <= payloadType.sol ? ok([version10]) : fail(0x80);
    },
  },
};
