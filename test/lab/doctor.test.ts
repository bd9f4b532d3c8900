import { expect, test } from 'vitest';
import {
  abilityFindings,
  acceleratorFinding,
  diagnose,
  diskFinding,
  memoryFinding,
  packagesFinding,
} from '../../src/lab/doctor.ts';
import { type HostAbility, hostAbilities } from '../../src/linux/host-trial.ts';
import type { DebianPackage } from '../../src/linux/packages.ts';

const tini: DebianPackage = { set: 'lab', name: 'tini', file: '/usr/bin/tini', purpose: 'first process' };
const gone: DebianPackage = { set: 'lab', name: 'gone', file: '/nowhere/gone', purpose: 'what it is for' };

function without(...missing: HostAbility[]): ReadonlySet<HostAbility> {
  return new Set(hostAbilities.filter((ability) => !missing.includes(ability)));
}

test('what is not installed is told with its purpose and the one command', () => {
  expect(packagesFinding([tini, gone], [gone], false)).toEqual({
    what: 'packages',
    status: 'missing',
    seen: 'not installed: gone (what it is for)',
    remedy: 'sudo apt-get install --no-install-recommends gone',
  });
  expect(packagesFinding([tini], [], true)).toMatchObject({ status: 'ok' });
});

test('a host that can all has nothing against it', () => {
  expect(abilityFindings(without()).every(({ status }) => status === 'ok')).toBe(true);
});

test('no tap device is a lack, no VLAN filtering a limit', () => {
  const findings = abilityFindings(without('tap', 'vlan-filtering'));
  const statusOf = (what: string) => findings.find((finding) => finding.what === what)?.status;
  expect(statusOf('/dev/net/tun')).toBe('missing');
  expect(statusOf('VLAN filtering')).toBe('limited');
  expect(findings.find(({ what }) => what === '/dev/net/tun')?.remedy).toMatch(/modprobe|chmod/);
});

test('the accelerator that is used is named, and why the other is not', () => {
  const finding = acceleratorFinding([
    { accelerator: 'tcg', works: true, durationMs: 210 },
    { accelerator: 'kvm', works: false, reason: 'there is no /dev/kvm' },
  ]);
  expect(finding).toEqual({
    what: 'accelerator',
    status: 'ok',
    seen: 'TCG is used. TCG boots in 0.21 s; KVM does not work: there is no /dev/kvm',
  });
});

test('a machine on which QEMU boots nothing lacks it', () => {
  const reason = 'qemu-system-x86_64 is not installed';
  expect(acceleratorFinding([{ accelerator: 'tcg', works: false, reason }])).toMatchObject({
    status: 'missing',
    seen: expect.stringContaining(reason),
  });
});

test('little memory limits; a full disk is a lack', () => {
  expect(memoryFinding(2 ** 29).status).toBe('limited');
  expect(memoryFinding(2 ** 32).status).toBe('ok');
  expect(diskFinding({ folder: '/x', bytes: 2 ** 32 }).status).toBe('ok');
  expect(diskFinding({ folder: '/x', bytes: 2 ** 30 }).status).toBe('limited');
  expect(diskFinding({ folder: '/x', bytes: 2 ** 20 }).status).toBe('missing');
});

test('this machine, on which the tests of labs run, is ready; with a package too few it is not', async () => {
  expect(await diagnose([tini])).toMatchObject({ ready: true, accelerator: { chosen: expect.any(String) } });
  expect(await diagnose([tini, gone])).toMatchObject({ ready: false });
}, 60_000);
