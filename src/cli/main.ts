#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { exitCode } from '../errors.ts';
import { reportError } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { execCommand } from './exec.ts';
import { listCommand } from './list.ts';
import { packageVersion } from './package.ts';
import { scenarioCommand } from './scenario.ts';
import { scenariosCommand } from './scenarios.ts';
import { shellCommand } from './shell.ts';
import { statusCommand } from './status.ts';
import { topologiesCommand } from './topologies.ts';
import { upCommand } from './up.ts';

const examples = `
Examples:
  lab up flat                              the flat provider network, in about a second
  lab scenario dhcp-from-physical          who reaches DHCP, proven from captures, on flat and on vlan
  lab shell                                look around in devstack: ovs-vsctl show, virsh list, ip netns
  lab down                                 and nothing is left

Exit codes: 0 all well, 1 a claim failed, 2 wrong usage or input, 3 the lab failed, 4 the machine lacks something.`;

function program(): Command {
  return new Command('lab')
    .enablePositionalOptions()
    .description("A test lab for OpenStack's bare-metal provisioning networks.")
    .version(packageVersion(), '-V, --version')
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(scenarioCommand())
    .addCommand(scenariosCommand())
    .addCommand(listCommand())
    .addCommand(statusCommand())
    .addCommand(topologiesCommand())
    .addCommand(doctorCommand())
    .addCommand(shellCommand())
    .addCommand(execCommand())
    .addHelpText('after', examples);
}

/** Commander's own errors are the user's: wrong options, missing arguments. */
function prepared(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(text) });
  for (const each of command.commands) prepared(each);
  return command;
}

try {
  await prepared(program()).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  else reportError(error);
}
