import { readFileSync } from 'node:fs';
import { startAgent } from './agent.ts';
import { agentSettings, parseKernelArguments } from './kernel-arguments.ts';
import { log } from './log.ts';
import { keptToken, thisMachine } from './machine.ts';

/** The agent of the deploy ramdisk, started by its init. It ends when the machine does, or with an error. */
const settings = agentSettings(parseKernelArguments(readFileSync('/proc/cmdline', 'utf8')));
if (settings) {
  startAgent({ ...settings, agentToken: settings.agentToken ?? keptToken() }, thisMachine()).catch(
    (error: unknown) => {
      log(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    },
  );
} else {
  log('no ipa-api-url on the kernel command line');
  process.exitCode = 2;
}
