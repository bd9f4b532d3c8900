import type { Command, Extension } from './commands.ts';
import { AgentError, type AgentErrorType, asAgentError } from './errors.ts';
import { isObject, type Json, type JsonObject, textOf } from './json.ts';
import { log } from './log.ts';
import type { NodeContext } from './machine.ts';

/** A step of cleaning or deploying that Ironic may order. */
export interface Step {
  readonly name: string;
  /** Steps run from the highest down; 0 is never run of itself. */
  readonly priority: number;
  readonly abortable?: boolean;
  readonly run: (args: JsonObject) => Promise<Json>;
}

const hardwareManager = 'LabHardwareManager';
const versions = { [hardwareManager]: '1.0' };

/**
 * The extension that lists and executes steps: `get_<kind>_steps` and `execute_<kind>_step`. When the versions that
 * Ironic remembers are not these, the command ends as VERSION_MISMATCH and Ironic asks anew.
 */
export function stepsExtension(
  kind: 'clean' | 'deploy',
  steps: readonly Step[],
  context: NodeContext,
): Extension {
  const failure: AgentErrorType = kind === 'clean' ? 'CleaningError' : 'DeploymentError';
  const list: Command = {
    mode: 'sync',
    run: (parameters) => {
      rememberNode(context, parameters);
      const listed = steps.map(({ name, priority, abortable }) => ({
        interface: 'deploy',
        step: name,
        priority,
        reboot_requested: false,
        ...(kind === 'clean' ? { abortable: abortable ?? false } : {}),
      }));
      return { [`${kind}_steps`]: { [hardwareManager]: listed }, hardware_manager_version: versions };
    },
  };
  const execute: Command = {
    mode: 'async',
    run: async (parameters) => {
      rememberNode(context, parameters);
      checkVersion(parameters[`${kind}_version`]);
      const ordered = isObject(parameters.step) ? parameters.step : {};
      const name = textOf(ordered.step);
      const step = steps.find((each) => each.name === name);
      if (!step)
        throw new AgentError(failure, `there is no ${kind} step ${name ?? '(the step has no name)'}`);
      log(`${kind} step ${step.name}`);
      try {
        const result = await step.run(isObject(ordered.args) ? ordered.args : {});
        return { [`${kind}_result`]: result, [`${kind}_step`]: ordered };
      } catch (error) {
        const told = asAgentError(error, failure);
        log(`${kind} step ${step.name} failed: ${told.message}`);
        throw told;
      }
    },
  };
  return { [`get_${kind}_steps`]: list, [`execute_${kind}_step`]: execute };
}

function rememberNode(context: NodeContext, { node }: JsonObject): void {
  if (isObject(node)) context.node = node;
}

function checkVersion(remembered: Json | undefined): void {
  if (!isObject(remembered) || remembered[hardwareManager] === versions[hardwareManager]) return;
  throw new AgentError(
    'VersionMismatch',
    `Current versions: ${JSON.stringify(versions)}, versions used by ironic: ${JSON.stringify(remembered)}`,
  );
}
