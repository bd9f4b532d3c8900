import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** OpenIPMI's BMC simulator. */
export interface IpmiSim {
  /** What it keeps, and its chassis control works in. */
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** What chassis control was last told of `power` or `boot`: a number, or a device. */
  told(what: 'power' | 'boot'): string | undefined;
  close(): void;
}

/** Keeps the machine's power and boot device in files, as ipmi_sim's chassis control asks for them (ipmi_lan(5)). */
const chassisControl = `#!/bin/sh
shift
verb=$1; shift
while [ $# -gt 0 ]; do
  what=$1; shift
  if [ "$verb" = set ]; then echo "$1" > "$(dirname "$0")/$what"; shift
  else echo "$what:$(cat "$(dirname "$0")/$what" 2>/dev/null || echo 0)"; fi
done
`;

interface IpmiSimOptions {
  /** Default: loopback. */
  readonly address?: string;
  /** A script in place of the one that keeps everything in files. */
  readonly chassisControl?: string;
}

/** @param prefix the words before it that put it elsewhere, on a network where 127.0.0.1 is another's */
export function startIpmiSim(
  port: number,
  prefix: readonly string[] = [],
  options: IpmiSimOptions = {},
): IpmiSim {
  const folder = mkdtempSync(join(tmpdir(), 'ipmi-sim-'));
  const password = 'simulated';
  const control = join(folder, 'chassis-control');
  writeFileSync(control, options.chassisControl ?? chassisControl);
  chmodSync(control, 0o755);
  const methods = ['callback', 'user', 'operator', 'admin'].map(
    (level) => `allowed_auths_${level} none md2 md5 straight`,
  );
  const lan = [
    'name "sim"',
    'set_working_mc 0x20',
    'startlan 1',
    `addr ${options.address ?? '127.0.0.1'} ${port}`,
    'priv_limit admin',
    ...methods,
    'guid a123456789abcdefa123456789abcdef',
    'endlan',
    `chassis_control "${control} 0x20"`,
    `user 2 true "admin" "${password}" admin 10 none md2 md5 straight`,
  ];
  const machine = [
    'mc_setbmc 0x20',
    'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr',
    'sel_enable 0x20 1000 0x0a',
    'mc_enable 0x20',
  ];
  writeFileSync(join(folder, 'lan.conf'), `${lan.join('\n')}\n`);
  writeFileSync(join(folder, 'sim.emu'), `${machine.join('\n')}\n`);
  mkdirSync(join(folder, 'state'));
  const files = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', join(folder, 'state')];
  const [program = '', ...words] = [...prefix, 'ipmi_sim', ...files, '-n', '-p'];
  const child: ChildProcess = spawn(program, words, { stdio: 'ignore' });
  return {
    folder,
    port,
    password,
    told(what) {
      const file = join(folder, what);
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
    },
    close() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
