import { type Bmc, type BmcReply, bmcFacts, type ScenarioRun, scenario } from 'baremetal-lab';

export default scenario({
  title: 'What a BMC answers is so',
  teaches: `Ironic knows of a server what its BMC answers, and believes it. Here every command that the drivers give with
    ipmitool is given to each BMC, and its answer is held against libvirt, which knows whether the server runs and what it
    boots from: an acknowledged power-on is a server that runs.`,
  outcomes: { flat: 'all of it is so' },

  async run(run) {
    const bmcs = run.bmcs;
    if (bmcs.length === 0) return run.skip('the topology has no server with a BMC');
    const good = await Promise.all(bmcs.map((bmc) => isGood(run, bmc)));
    return good.every(Boolean) ? 'all of it is so' : 'not all of it is so';
  },
});

/** One command: which, what is claimed, the IPMI command that it is about, and what is so. */
interface Step {
  readonly words: string;
  readonly claim: string;
  readonly about: string;
  readonly check: (reply: BmcReply, bmc: Bmc) => Promise<Found> | Found;
}

interface Found {
  readonly isSo: boolean;
  readonly seen: string;
  /** Where it is another command that says it. */
  readonly about?: string;
}

/** The first thing that is not so ends it: what a broken BMC answers next tells little, and takes long. */
async function isGood(run: ScenarioRun, bmc: Bmc): Promise<boolean> {
  for (const { words, claim, about, check } of steps) {
    const reply = await bmc.ask(...words.split(' '));
    const said = await check(reply, bmc);
    const found = reply.says(said.about ?? about, said);
    run.claim(`${bmc.name}: ${claim}`, found);
    if (!found.holds) return false;
  }
  return true;
}

const steps: readonly Step[] = [
  {
    words: 'mc info',
    claim: 'it tells what it is',
    about: 'Get Device ID',
    check: (reply) => shows(reply, 'Device ID', String(bmcFacts.deviceId)),
  },
  {
    words: 'mc selftest',
    claim: 'it has passed its self test',
    about: 'Get Self Test Results',
    check: (reply) => shows(reply, 'Selftest', 'passed'),
  },
  {
    words: 'channel authcap 1 4',
    claim: 'it offers IPMI 2.0',
    about: 'Get Channel Authentication Capabilities',
    check: (reply) => shows(reply, 'Channel supports IPMI v2.0', 'yes'),
  },
  {
    words: 'channel getciphers ipmi',
    claim: `it offers the cipher suites ${bmcFacts.cipherSuites.join(', ')}`,
    about: 'Get Channel Cipher Suites',
    check: ({ stdout }) => {
      const ids = [...stdout.matchAll(/^(\d+)\s/gm)].map(([, id]) => Number(id));
      return {
        isSo: ids.join() === bmcFacts.cipherSuites.join(),
        seen: `it offers the suites ${ids.join(', ')}`,
      };
    },
  },
  {
    words: 'power status',
    claim: 'off is what it says and what libvirt says',
    about: 'Get Chassis Status',
    check: isIn('off'),
  },
  {
    words: 'raw 0x00 0x08 0x03 0x08',
    claim: 'it keeps the boot flags until they are used',
    about: 'Set System Boot Options',
    check: () => ({ isSo: true, seen: 'parameter 3 is set' }),
  },
  {
    words: 'chassis bootdev disk options=persistent',
    claim: 'told to boot from disk, the server would',
    about: 'Set System Boot Options',
    check: bootsFrom('hd'),
  },
  {
    words: 'chassis bootparam get 5',
    claim: 'and it says so',
    about: 'Get System Boot Options',
    check: (reply) => shows(reply, '- Boot Device Selector', 'Force Boot from default Hard-Drive'),
  },
  {
    words: 'chassis bootdev pxe options=persistent',
    claim: 'told to boot by PXE, the server would',
    about: 'Set System Boot Options',
    check: bootsFrom('network'),
  },
  {
    words: 'sdr info',
    claim: 'it tells how many records describe its sensors',
    about: 'Get SDR Repository Info',
    check: (reply) => shows(reply, 'Record Count', String(bmcFacts.sensorRecords)),
  },
  {
    words: 'sdr -v',
    claim: 'has each of its sensors, and a temperature at which servers live',
    about: 'Get SDR',
    check: ({ stdout }) => {
      const names = [...stdout.matchAll(/^Sensor ID\s+: (.+?) \(/gm)].map(([, name]) => name);
      const degrees = Number(/Sensor Reading\s+: (-?\d+) .*degrees/.exec(stdout)?.[1] ?? Number.NaN);
      if (names.join() !== bmcFacts.sensors.join())
        return { isSo: false, seen: `its sensors are ${names.join(', ')}` };
      const isSo = degrees > 0 && degrees < 60;
      return { isSo, seen: `it measures ${degrees} degrees`, about: 'Get Sensor Reading' };
    },
  },
  {
    words: 'power on',
    claim: 'power on is a server that runs',
    about: 'Chassis Control',
    check: runs('running'),
  },
  {
    words: 'power status',
    claim: 'on is what it says and what libvirt says',
    about: 'Get Chassis Status',
    check: isIn('on'),
  },
  {
    words: 'power off',
    claim: 'power off is one that does not',
    about: 'Chassis Control',
    check: runs('shut off'),
  },
  { words: 'power status', claim: 'which it says', about: 'Get Chassis Status', check: isIn('off') },
];

/** A line `Name : value` of ipmitool's. */
function shows({ stdout }: BmcReply, name: string, value: string): Found {
  const line = stdout.split('\n').find((it) => it.trim().startsWith(name)) ?? '';
  const said = line.split(/\s*:\s*/)[1]?.trim() ?? 'nothing';
  return { isSo: said === value, seen: `${name.replace(/^- /, '')} is ${said}, and should be ${value}` };
}

function isIn(power: 'on' | 'off'): Step['check'] {
  return async ({ stdout }, bmc) => {
    const state = await bmc.state();
    const said = /Chassis Power is (\w+)/.exec(stdout)?.[1] ?? 'unknown';
    const isSo = said === power && state === (power === 'on' ? 'running' : 'shut off');
    return { isSo, seen: `it says that the power is ${said}, and libvirt says ${state}` };
  };
}

function runs(wanted: string): Step['check'] {
  return async (_, bmc) => {
    const state = await bmc.state();
    return { isSo: state === wanted, seen: `libvirt says ${state}` };
  };
}

function bootsFrom(wanted: string): Step['check'] {
  return async (_, bmc) => {
    const device = await bmc.bootDevice();
    return { isSo: device === wanted, seen: `libvirt has it boot from ${device}` };
  };
}
