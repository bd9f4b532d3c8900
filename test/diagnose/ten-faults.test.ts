import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cause } from '../../src/diagnose/diagnosis.ts';
import { waitFor } from '../../src/wait.ts';
import { LabCommand } from '../lab-command.ts';

/*
 * A lab's devstack as a stranger's machine: lab diagnose knows nothing of the lab, and finds Open vSwitch, namespaces,
 * dnsmasq and NICs as on any DevStack node. Stand-ins in the rack ask without end.
 */

const lab = new LabCommand();
const askers: ChildProcess[] = [];
const macs = { known: '52:54:00:00:02:01', tagged: '52:54:00:00:02:02', unknown: '52:54:00:00:02:03' };

const network = (provider: string) => `
networks:
  - name: provider
    provider: { ${provider}, physical_network: physnet1 }
    local_vlan: 2
    subnet: { cidr: 10.0.0.0/24 }
`;
const servers = `
servers:
  - { name: known, kind: namespace, mac: "${macs.known}" }
  - { name: tagged, kind: namespace, mac: "${macs.tagged}" }
  - { name: unknown, kind: namespace, mac: "${macs.unknown}", known: false }
`;
/** The VLANs that servers tag their own frames with. */
const tags: Readonly<Record<string, Partial<Record<keyof typeof macs, number>>>> = {
  flat: { tagged: 100 },
  vlan: { known: 1001 },
};

beforeAll(async () => {
  const folder = join(lab.home, 'topologies');
  mkdirSync(folder);
  const flat = network('network_type: flat') + servers;
  const vlan = network('network_type: vlan, segmentation_id: 1001') + servers;
  for (const [name, text] of Object.entries({ flat, vlan })) {
    writeFileSync(join(folder, `${name}.yaml`), text);
    await lab.run(['up', join(folder, `${name}.yaml`), '--name', name, '--quiet']);
    for (const server of Object.keys(macs) as (keyof typeof macs)[]) askers.push(asking(name, server));
  }
}, 120_000);

afterAll(async () => {
  const alive = askers.filter(({ exitCode }) => exitCode === null);
  const ended = alive.map((asker) => once(asker, 'exit'));
  for (const asker of alive) asker.kill('SIGTERM');
  await Promise.all(ended);
  await lab.end();
}, 60_000);

/** A server that asks by DHCP again and again, as one whose firmware tries to boot does. */
function asking(name: string, server: keyof typeof macs): ChildProcess {
  const tag = tags[name]?.[server];
  const nic = tag === undefined ? 'eth0' : `eth0.${tag}`;
  const script = [
    ...(tag === undefined
      ? []
      : [
          `sleep infinity | /run/node/node /run/software/dist/vlan-device.js eth0 ${tag} > /tmp/${server} &`,
          `until grep -q . /tmp/${server}; do sleep 0.1; done`,
          `ip link set ${nic} address ${macs[server]} up`,
        ]),
    `while :; do busybox udhcpc -i ${nic} -f -q -n -t 1 -T 1 -s /bin/true; sleep 0.2; done`,
  ].join('\n');
  return spawn('node', ['dist/lab.js', 'exec', '--name', name, `rack/${server}`, '--', 'sh', '-c', script], {
    env: { ...process.env, LAB_HOME: lab.home },
    stdio: 'ignore',
  });
}

interface Told {
  readonly cause: Cause;
  readonly text: string;
}

const program = ['/run/node/node', '/run/software/dist/lab.js', 'diagnose'];

async function diagnosed(name: string, server: keyof typeof macs, ...options: string[]): Promise<Told> {
  const words = [...program, '--json', '--seconds', '20', '--mac', macs[server], ...options];
  const { stdout } = await lab.run(['exec', '--name', name, 'devstack', '--', ...words], { accept: [0, 1] });
  return JSON.parse(stdout) as Told;
}

function inDevstack(name: string, script: string) {
  return lab.run(['exec', '--name', name, 'devstack', '--', 'sh', '-ec', script]);
}

const tap = "$(ovs-vsctl --bare --columns=name find interface 'name!=br-int' type=internal | grep '^tap')";
/** What Neutron's ovs_use_veth does; a veth leaves checksums to hardware unless it is told not to. */
const dnsmasqOnVeth = `
tap=${tap}
ns=$(ip netns list | grep -o 'qdhcp-\\S*')
address=$(ip -n $ns -4 -o address show $tap | awk '{print $4}')
pid=$(cat /run/neutron/dhcp/*/pid)
cp /proc/$pid/cmdline /tmp/dnsmasq
kill $pid
ovs-vsctl del-port br-int $tap
ip link add $tap type veth peer name $tap netns $ns
ip link set $tap up
ip -n $ns link set $tap up
ip -n $ns address add $address dev $tap
ovs-vsctl add-port br-int $tap tag=2
xargs -0 ip netns exec $ns < /tmp/dnsmasq`;
const flatRule = 'priority=3,in_port=int-br-eth2,vlan_tci=0x0000/0x1fff';
const vlanRule = (id: number) => `priority=3,in_port=int-br-eth2,dl_vlan=${id}`;

test.each(['flat', 'vlan'])('a healthy %s network is blamed for nothing', async (name) => {
  expect(await diagnosed(name, 'known')).toMatchObject({ cause: 'healthy' });
});

describe('ten faults, ten causes', () => {
  const faults: {
    readonly what: string;
    readonly lab: 'flat' | 'vlan';
    readonly server?: keyof typeof macs;
    readonly options?: readonly string[];
    readonly inject?: string;
    readonly repair?: string;
    readonly cause: Cause;
    readonly names: RegExp;
  }[] = [
    {
      what: 'wrong segment id',
      lab: 'vlan',
      inject: `ovs-ofctl --strict del-flows br-int ${vlanRule(1001)}; ovs-ofctl add-flow br-int ${vlanRule(1002)},actions=mod_vlan_vid:2,NORMAL`,
      repair: `ovs-ofctl --strict del-flows br-int ${vlanRule(1002)}; ovs-ofctl add-flow br-int ${vlanRule(1001)},actions=mod_vlan_vid:2,NORMAL`,
      cause: 'segment-id',
      names: /segment 1002, not to 1001/,
    },
    {
      what: 'missing flat rule',
      lab: 'flat',
      inject: `ovs-ofctl --strict del-flows br-int ${flatRule}`,
      repair: `ovs-ofctl add-flow br-int ${flatRule},actions=mod_vlan_vid:2,NORMAL`,
      cause: 'flat-rule-missing',
      names: /priority=2,in_port="?int-br-eth2"? actions=drop/,
    },
    {
      what: 'dead tag 4095',
      lab: 'flat',
      inject: `ovs-vsctl set port ${tap} tag=4095`,
      repair: `ovs-vsctl set port ${tap} tag=2`,
      cause: 'dead-port',
      names: /has tag 4095/,
    },
    {
      what: 'trunk port',
      lab: 'flat',
      server: 'tagged',
      cause: 'tagged-on-flat',
      names: /make VLAN 100 its native VLAN/,
    },
    {
      what: 'MAC unknown to dnsmasq',
      lab: 'flat',
      server: 'unknown',
      cause: 'unknown-mac',
      names: /no host entry/,
    },
    {
      what: 'dnsmasq stopped',
      lab: 'vlan',
      inject: 'kill $(cat /run/neutron/dhcp/*/pid)',
      cause: 'dnsmasq-stopped',
      names: /no dnsmasq runs/,
    },
    {
      what: 'uplink not in the bridge',
      lab: 'flat',
      inject: 'ovs-vsctl del-port br-eth2 eth2',
      repair: 'ovs-vsctl add-port br-eth2 eth2',
      cause: 'uplink-not-in-bridge',
      names: /ovs-vsctl add-port br-eth2 eth2/,
    },
    {
      what: 'patch peer missing',
      lab: 'flat',
      inject: 'ovs-vsctl set interface int-br-eth2 options:peer=nobody',
      repair: 'ovs-vsctl set interface int-br-eth2 options:peer=phy-br-eth2',
      cause: 'patch-peer-missing',
      names: /int-br-eth2 names nobody as its peer/,
    },
    {
      what: 'wrong bridge mapping',
      lab: 'flat',
      options: ['--bridge-mapping', 'physnet1:br-eth3'],
      cause: 'bridge-mapping',
      names: /do not name br-eth2/,
    },
    {
      what: 'offload on',
      lab: 'flat',
      inject: dnsmasqOnVeth,
      cause: 'checksum-offload',
      names: /ip netns exec qdhcp-\S+ ethtool -K tap\S+ tx off/,
    },
  ];

  test.each(faults)(
    '$what',
    async ({ lab: name, server = 'known', options = [], inject, repair, cause, names }) => {
      if (inject) await inDevstack(name, inject);
      try {
        const told = await diagnosed(name, server, ...options);
        expect(told).toMatchObject({ cause, text: expect.stringMatching(names) });
      } finally {
        if (repair) await inDevstack(name, repair);
      }
    },
  );
});

const mirrors = async () => (await inDevstack('flat', 'ovs-vsctl --bare --columns=name list mirror')).stdout;

test('nothing of a diagnosis is left behind, also when it is killed while it watches', async () => {
  expect(await mirrors()).toBe('');
  const words = ['exec', '--name', 'flat', 'devstack', '--', ...program, '--mac', '52:54:00:99:99:99'];
  const running = spawn(process.execPath, ['dist/lab.js', ...words], {
    env: { ...process.env, LAB_HOME: lab.home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said] = await once(running.stderr, 'data');
  expect(String(said)).toMatch(/^waiting up to 60 s for 52:54:00:99:99:99/);
  expect(await mirrors()).not.toBe('');
  const ended = once(running, 'exit');
  await inDevstack('flat', 'pkill -KILL -f "lab.js diagnose"');
  await ended;
  await waitFor('no mirror', async () => (await mirrors()) === '' || undefined, { timeoutMs: 10_000 });
  const { stdout } = await inDevstack('flat', 'ovs-ofctl dump-flows br-int; ip -o link');
  expect(stdout).not.toMatch(/mirror-|reg15/);
});
