import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { enterKeepingFiles, type Host, runIn } from '../linux/host.ts';

/**
 * Makes a VLAN interface on a NIC in a namespace and answers its name (`eth0.1001`), or finds it made. It is there until this
 * process or the host ends, and keeps neither of them from ending.
 *
 * @throws LabError `lab-failed` with the reason
 */
export async function makeVlanInterface(
  host: Host,
  namespace: string,
  nic: string,
  vlan: number,
): Promise<string> {
  const name = `${nic}.${vlan}`;
  const { exitCode } = await runIn(host, ['ip', 'link', 'show', name], { namespace, accept: [0, 1] });
  if (exitCode === 0) return name;
  const program = join(import.meta.dirname, 'vlan-device.js');
  const argv = [...enterKeepingFiles(host, namespace), process.execPath, program, nic, String(vlan)];
  const [command = 'sh', ...args] = argv;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  await ready(child, name);
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }
  return name;
}

/** It prints its name when frames pass. */
function ready(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', () => {
      const why = said.split('\n').find((line) => line.includes('Error')) ?? said;
      reject(new LabError('lab-failed', `could not make the VLAN interface ${name}: ${why.trim()}`));
    });
  });
}
