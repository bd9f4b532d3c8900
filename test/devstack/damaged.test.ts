import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readDevstack } from '../../src/devstack/read.ts';
import { LabError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'lab-test-devstack-'));
afterAll(() => rmSync(folder, { recursive: true }));

const samples = {
  localrc: readFileSync('samples/devstack/localrc', 'utf8'),
  hardware_info: readFileSync('samples/devstack/hardware_info', 'utf8'),
};
type Sample = keyof typeof samples;
const secrets = ['labadmin', 'labtoken', 'first-secret', 'second-secret'];

interface Damage {
  readonly file: Sample;
  /** The text that is replaced, and what stands there then. */
  readonly from: string | RegExp;
  readonly to: string;
  /** The line of the file that is to be named, and words of what is said about it. */
  readonly line: number;
  readonly says: RegExp;
}

const localrc = (from: string | RegExp, to: string, line: number, says: RegExp): Damage => ({
  file: 'localrc',
  from,
  to,
  line,
  says,
});
const hardware = (from: string | RegExp, to: string, line: number, says: RegExp): Damage => ({
  file: 'hardware_info',
  from,
  to,
  line,
  says,
});

const damages: readonly Damage[] = [
  localrc('VIRT_DRIVER=ironic', 'VIRT_DRIVER=libvirt', 12, /VIRT_DRIVER=libvirt, expected ironic/),
  localrc(
    '=agent_ipmitool',
    '=agent_ipmitol',
    13,
    /IRONIC_DEPLOY_DRIVER=agent_ipmitol, expected one of pxe_ssh/,
  ),
  localrc('=agent_ipmitool', '=ilo', 13, /expected one of pxe_ssh/),
  localrc('IRONIC_IPMIINFO_FILE=hardware_info', '', 13, /nothing names them.*--hardware-info/),
  localrc('NODE_CPU=1', 'NODE_CPU=one', 15, /IRONIC_HW_NODE_CPU=one, expected a whole number/),
  localrc('NODE_CPU=1', 'NODE_CPU=0', 15, /expected a whole number from 1/),
  localrc('NODE_RAM=512', 'NODE_RAM=512M', 16, /IRONIC_HW_NODE_RAM=512M/),
  localrc('NODE_RAM=512', 'NODE_RAM=-512', 16, /IRONIC_HW_NODE_RAM=-512/),
  localrc('NODE_DISK=1', 'NODE_DISK=5000', 17, /from 1 to 4096/),
  localrc('NETWORKING=True', 'NETWORKING=maybe', 20, /expected True or False/),
  localrc('NETWORKING=True', 'NETWORKING=False', 20, /neither a provider network nor VLANs/),
  localrc('PROVIDER_NETWORK_TYPE=flat\n', '', 20, /PROVIDER_NETWORK_TYPE is not; add/),
  localrc('TYPE=flat', 'TYPE=flatt', 21, /PROVIDER_NETWORK_TYPE=flatt, expected flat or vlan/),
  localrc('TYPE=flat', 'TYPE=gre', 21, /no other network of DevStack leads to a wire/),
  localrc('TYPE=flat', 'TYPE=vlan', 21, /SEGMENTATION_ID is not set/),
  localrc('TYPE=flat', 'TYPE=vlan\nSEGMENTATION_ID=4095', 22, /from 1 to 4094/),
  localrc('TYPE=flat', 'TYPE=vlan\nSEGMENTATION_ID=0x3e9', 22, /expected a whole number/),
  localrc('=physnet1', '="phys net"', 22, /PHYSICAL_NETWORK=phys net, expected a name/),
  localrc('BRIDGE=br-eth2', 'BRIDGE=eth2', 23, /expected a bridge named br-NIC/),
  localrc('BRIDGE=br-eth2', 'BRIDGE=br-int', 23, /br-int/),
  localrc('FIXED_RANGE=10.0.0.0/24', 'FIXED_RANGE=10.0.0.0', 25, /expected a subnet/),
  localrc('FIXED_RANGE=10.0.0.0/24', 'FIXED_RANGE=10.0.0.7/24', 25, /10\.0\.0\.0\/24/),
  localrc('FIXED_RANGE=10.0.0.0/24', 'FIXED_RANGE=10.0.0.0/33', 25, /prefix length/),
  localrc('FIXED_RANGE=10.0.0.0/24', 'FIXED_RANGE=192.168.24.0/24', 26, /192\.168\.24\./),
  localrc('GATEWAY=10.0.0.1', 'GATEWAY=10.0.0', 26, /expected an IPv4 address/),
  localrc('GATEWAY=10.0.0.1', 'GATEWAY=10.0.1.1', 26, /10\.0\.1\.1/),
  localrc('start=10.0.0.20,end', 'start=10.0.0.20;end', 27, /start=ADDRESS,end=ADDRESS/),
  localrc('start=10.0.0.20', 'start=10.0.0.200', 27, /10\.0\.0\.200/),
  localrc('end=10.0.0.100', 'end=10.0.1.100', 27, /10\.0\.1\.100/),
  localrc('"start=10.0.0.20', 'start=10.0.0.20', 27, /quote that is not closed/),
  localrc('MYSQL_PASSWORD=$ADMIN_PASSWORD', 'MYSQL_PASSWORD=$(pwgen)', 3, /would have to execute a command/),
  localrc('MYSQL_PASSWORD=$ADMIN_PASSWORD', 'MYSQL_PASSWORD=`pwgen`', 3, /would have to execute a command/),
  localrc('ADMIN_PASSWORD=labadmin', 'ADMIN_PASSWORD = labadmin', 2, /no "=" joins/),
  localrc('ADMIN_PASSWORD=labadmin', 'ADMIN_PASSWORD=labadmin rm -rf', 2, /second word/),
  localrc('ADMIN_PASSWORD=labadmin', "ADMIN_PASSWORD='labadmin", 2, /quote that is not closed/),
  localrc(
    'enable_service ironic ir-api ir-cond',
    'source openrc labadmin',
    8,
    /nothing in the file is executed/,
  ),
  localrc('RANGE=10.0.0.0/24', 'RANGE=$TENANT_RANGE', 25, /refers to a variable that the file does not set/),
  localrc('RANGE=10.0.0.0/24', 'RANGE=$ADMIN_PASSWORD', 25, /FIXED_RANGE=\*{6}, expected a subnet/),
  localrc('RANGE=10.0.0.0/24', 'RANGE=$'.concat('{ADMIN_PASSWORD%x}'), 25, /has an expansion other than/),
  hardware('192.168.24.11 ', '192.168.24.256', 2, /first field is no IPv4 address/),
  hardware('192.168.24.11 ', 'first-secret', 2, /first field is no IPv4 address/),
  hardware('192.168.24.12', '192.168.24.11', 3, /BMC address of line 2 again/),
  hardware('52:54:00:00:03:01', '52:54:00:00:03', 2, /second field is no MAC address/),
  hardware('52:54:00:00:03:01', '53:54:00:00:03:01', 2, /multicast/),
  hardware('52:54:00:00:03:02', '52:54:00:00:03:01', 3, /MAC of line 2 again/),
  hardware('admin  first-secret', 'first-secret', 2, /found 3 fields, expected BMC_IP MAC USER PASSWORD/),
  hardware('admin  first-secret', 'admin first-secret /redfish/v1 second-secret', 2, /found 6 fields/),
  hardware('admin  first', 'administrator-of-it  first', 2, /third field is no user of a BMC/),
  hardware('first-secret', 'first-secret-that-is-too-long', 2, /fourth field has over 20 bytes/),
  hardware(/192.168.24.12.*/, 'second-secret', 3, /found one field/),
];

test.each(damages)('$file with "$to" for "$from" is refused at line $line', (damage) => {
  const damaged = { ...samples, [damage.file]: replaced(damage) };
  for (const [name, text] of Object.entries(damaged)) writeFileSync(join(folder, name), text);
  const error = refusal();
  expect(error.code).toBe('usage');
  expect(error.remedy).toMatch(/correct the files/);
  const named = error.message
    .split('\n')
    .filter((line) => line.startsWith(join(folder, `${damage.file}:${damage.line}:`)));
  expect(named, error.message).not.toEqual([]);
  expect(named.join('\n')).toMatch(damage.says);
  for (const secret of secrets) expect(error.message).not.toContain(secret);
});

test('all wrong lines of both files are reported at once', () => {
  const both = [damages[4], damages[12], damages[24]].filter((it) => it !== undefined);
  const damagedLocalrc = both.reduce((text, { from, to }) => text.replace(from, to), samples.localrc);
  writeFileSync(join(folder, 'localrc'), damagedLocalrc);
  writeFileSync(join(folder, 'hardware_info'), 'nonsense\n');
  const [, ...lines] = refusal().message.split('\n');
  expect(lines.map((line) => line.replace(`${folder}/`, '').split(': ')[0])).toEqual([
    'localrc:15',
    'localrc:21',
    'localrc:26',
    'hardware_info:1',
  ]);
});

function replaced({ file, from, to }: Damage): string {
  const text = samples[file].replace(from, () => to);
  expect(text).not.toBe(samples[file]);
  return text;
}

function refusal(): LabError {
  try {
    readDevstack({ localrc: join(folder, 'localrc') }, 'devstack');
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('the files were taken');
}
