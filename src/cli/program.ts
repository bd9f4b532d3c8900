import { Command } from 'commander';
import { analyzeCommand } from './analyze.ts';
import { bmcCommand } from './bmc.ts';
import { bootCommand, rebuildCommand, undeployCommand } from './boot.ts';
import { captureCommand } from './capture.ts';
import { completeCommand } from './complete.ts';
import { completionCommand } from './completion.ts';
import { consoleCommand } from './console.ts';
import { devstackCommand } from './devstack.ts';
import { diagnoseCommand } from './diagnose.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { driversCommand } from './drivers.ts';
import { execCommand } from './exec.ts';
import { explainCommand } from './explain.ts';
import { hardwareInfoCommand } from './hardware-info.ts';
import { imageCommand } from './image.ts';
import { ipmiCommand } from './ipmi.ts';
import { listCommand } from './list.ts';
import { nodeCommands } from './node.ts';
import { openstackCommands } from './openstack.ts';
import { overview } from './overview.ts';
import { packageVersion } from './package.ts';
import { scenarioCommand } from './scenario.ts';
import { scenariosCommand } from './scenarios.ts';
import { shellCommand } from './shell.ts';
import { statusCommand } from './status.ts';
import { suiteCommand } from './suite.ts';
import { topologiesCommand } from './topologies.ts';
import { traceCommand } from './trace.ts';
import { upCommand } from './up.ts';

/** The command `lab` with all its subcommands, in the order in which help lists them. */
export function program(): Command {
  const lab = new Command('lab')
    .enablePositionalOptions()
    .description("A test lab for OpenStack's bare-metal provisioning networks.")
    .version(packageVersion(), '-V, --version')
    .configureHelp({ formatHelp: overview })
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(listCommand())
    .addCommand(statusCommand())
    .addCommand(shellCommand())
    .addCommand(execCommand())
    .addCommand(scenarioCommand())
    .addCommand(scenariosCommand())
    .addCommand(suiteCommand())
    .addCommand(captureCommand().helpGroup('frames'))
    .addCommand(traceCommand().helpGroup('frames'))
    .addCommand(explainCommand().helpGroup('frames'))
    .addCommand(analyzeCommand().helpGroup('frames'))
    .addCommand(diagnoseCommand().helpGroup('frames'))
    .addCommand(bootCommand().helpGroup('provisioning'))
    .addCommand(rebuildCommand().helpGroup('provisioning'))
    .addCommand(undeployCommand().helpGroup('provisioning'))
    .addCommand(nodeCommands().helpGroup('provisioning'))
    .addCommand(consoleCommand().helpGroup('provisioning'))
    .addCommand(imageCommand().helpGroup('provisioning'))
    .addCommand(driversCommand().helpGroup('also'))
    .addCommand(bmcCommand().helpGroup('BMCs'))
    .addCommand(ipmiCommand().helpGroup('BMCs'))
    .addCommand(devstackCommand().helpGroup('DevStack'))
    .addCommand(hardwareInfoCommand().helpGroup('DevStack'))
    .addCommand(topologiesCommand().helpGroup('also'))
    .addCommand(doctorCommand())
    .addCommand(completionCommand().helpGroup('also'))
    .addCommand(completeCommand(), { hidden: true });
  for (const client of openstackCommands()) lab.addCommand(client.helpGroup('OpenStack'));
  return prepared(lab);
}

/** Commander's own errors are the user's: wrong options, missing arguments. They are thrown, and told in one line. */
function prepared(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text)) });
  for (const each of command.commands) prepared(each);
  return command;
}

function oneLine(text: string): string {
  return text.replace(/^error: /, 'lab: ').replace(/\n\(Did you mean ([^)]*)\?\)/, '; did you mean $1?');
}
