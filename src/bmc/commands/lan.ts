/** LAN and SOL configuration commands (IPMI 2.0 sections 23.1, 23.2, 26.2 and 26.3). */
import { isLanChannel } from '../bmc-parts.ts';
import { completion, fail, ok } from '../completion.ts';
import { getLanParameter, lanParameterForm } from '../lan-configuration.ts';
import { privilege } from '../privilege.ts';
import { getSolParameter, solParameter } from '../sol-server.ts';
import { type CommandTable, uint } from './command.ts';

const unsupported = 0x80;
const isReadOnly = 0x82;
const revision = 0x11;
const revisionOnly = 0x80;

export const lanCommands: CommandTable = {
  // Set LAN Configuration Parameters
  1: {
    privilege: privilege.administrator,
    length: [3, 24],
    run: (data, { bmc }) => {
      const [channel = 0, parameter = 0] = data;
      const form = lanParameterForm(parameter);
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      if (!form) return fail(unsupported);
      if (form.isReadOnly) return fail(isReadOnly);
      if (data.length - 2 !== form.length) return fail(completion.lengthInvalid);
      bmc.state.lan[parameter] = data.subarray(2).toString('hex');
      bmc.changed();
      return ok();
    },
  },
  // Get LAN Configuration Parameters
  2: {
    privilege: privilege.operator,
    length: 4,
    run: (data, { bmc }) => {
      const [channel = 0, parameter = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      if (channel & revisionOnly) return ok([revision]);
      const value = getLanParameter(bmc.state, parameter, bmc);
      return value ? ok([revision, ...value]) : fail(unsupported);
    },
  },
  // Set SOL Configuration Parameters
  33: {
    privilege: privilege.administrator,
    length: [3, 6],
    run: (data, { bmc }) => {
      const [channel = 0, parameter = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      if (parameter === solParameter.channel || parameter === solParameter.port) return fail(isReadOnly);
      const length = getSolParameter(bmc.state, parameter)?.length;
      if (length === undefined) return fail(unsupported);
      if (data.length - 2 !== length) return fail(completion.lengthInvalid);
      bmc.state.sol[parameter] = data.subarray(2).toString('hex');
      bmc.changed();
      return ok();
    },
  },
  // Get SOL Configuration Parameters
  34: {
    privilege: privilege.user,
    length: 4,
    run: (data, { bmc }) => {
      const [channel = 0, parameter = 0] = data;
      if (!isLanChannel(channel)) return fail(completion.invalidField);
      if (channel & revisionOnly) return ok([revision]);
      if (parameter === solParameter.channel) return ok([revision, 1]);
      if (parameter === solParameter.port) return ok([revision, ...uint(bmc.lan.port, 2)]);
      const value = getSolParameter(bmc.state, parameter);
      return value ? ok([revision, ...value]) : fail(unsupported);
    },
  },
};
