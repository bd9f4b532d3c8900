import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** OpenIPMI's BMC simulator on a port of loopback. */
export interface IpmiSim {
  readonly port: number;
  readonly password: string;
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

export function startIpmiSim(port: number): IpmiSim {
  const folder = mkdtempSync(join(tmpdir(), 'ipmi-sim-'));
  const password = 'simulated';
  const control = join(folder, 'chassis-control');
  writeFileSync(control, chassisControl);
  chmodSync(control, 0o755);
  const methods = ['callback', 'user', 'operator', 'admin'].map(
    (level) => `allowed_auths_${level} none md2 md5 straight`,
  );
  const lan = [
    'name "sim"',
    'set_working_mc 0x20',
    'startlan 1',
    `addr 127.0.0.1 ${port}`,
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
  const child: ChildProcess = spawn(
    'ipmi_sim',
    ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', join(folder, 'state'), '-n', '-p'],
    { stdio: 'ignore' },
  );
  return {
    port,
    password,
    close() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
