import {
  bootOptions,
  dhcp,
  type FrameTest,
  type JourneyStory,
  type ScenarioRun,
  type StandIn,
  scenario,
} from 'baremetal-lab';

const bootServer = '192.0.2.10';
const bootScript = 'http://192.0.2.10/boot.ipxe';
/** What marks iPXE: its own option 175, here with an empty list of features. */
const asIpxe = { sends: { 175: '0101' } };
/** The client architectures (option 93) of 64-bit UEFI firmware: that of IANA's list, and that of RFC 4578 as it was printed. */
const efiArchitectures = [7, 9];

export default scenario({
  title: 'Every machine is told what is meant for it',
  teaches: `dnsmasq answers the machines that Neutron has written into its hosts file, and tells each what its port has
    been given: by Neutron address, gateway, name and lease time, by Ironic the boot file and where it is. One stand-in asks
    in the name of one machine after the other, as plain firmware does, once as EFI firmware and once as iPXE, which are told
    other boot files.`,
  outcomes: { flat: 'each has its own', vlan: 'each has its own' },

  async run(run) {
    const { topology, network, dhcpServer, points } = run;
    const known = [...topology.vms, ...topology.servers].filter(
      (it) => it.known && it.network === network.name,
    );
    const client = await run.standInOnBrbm();
    await dhcpServer.setOptions(known, bootOptions(bootServer, bootScript));
    const { result: asked, evidence } = await run.capture(() => askForAll(client, known), {
      points: [client.point, points.brbm, points.integration, points.dhcp],
    });
    const told: boolean[] = [];
    for (const machine of asked) {
      const discover = await evidence.journey(`DISCOVER of ${machine.name}`, dhcp('DISCOVER', machine.mac), {
        from: client.point,
        to: points.dhcp,
      });
      run.claim(`dnsmasq hears ${machine.name}`, discover.isDelivered());
      const ack = await evidence.journey(`ACK to ${machine.name}`, dhcp('ACK', machine.mac), {
        from: points.dhcp,
        to: client.point,
      });
      told.push(
        claimAll(run, `${machine.name} is given ${machine.ip} and its options`, ack, {
          ...fromNeutron(run, machine.ip),
          ...fromIronic('pxelinux.0'),
        }),
      );
    }
    const [first] = known;
    if (first && asked.length === known.length) {
      for (const architecture of efiArchitectures) {
        const asEfi = { sends: { 93: `000${architecture}` } };
        told.push(
          await asksAs(run, client, first, asEfi, {
            who: `EFI firmware, architecture ${architecture},`,
            what: 'is given a boot loader for EFI',
            facts: fromIronic('snponly.efi'),
          }),
        );
      }
      told.push(
        await asksAs(run, client, first, asIpxe, {
          who: 'iPXE',
          what: 'is given its script, and is spared the wait for a proxyDHCP',
          facts: {
            ...fromIronic(bootScript),
            'no-pxedhcp (option 175.176)': option(175, 'b00101ff'),
          },
        }),
      );
    }
    return asked.length === known.length && told.every(Boolean) ? 'each has its own' : 'not each has its own';
  },
});

interface Machine {
  readonly name: string;
  readonly mac: string;
  readonly ip: string;
}

/** Asks for one machine after the other, and answers for which; when two in a row get no answer, for no more. */
async function askForAll<M extends Machine>(client: StandIn, machines: readonly M[]): Promise<M[]> {
  const asked: M[] = [];
  let unanswered = 0;
  for (const machine of machines) {
    const lease = await (await client.inTheNameOf(machine)).dhcp({ tries: 2, requests: [12, 66, 67, 150] });
    asked.push(machine);
    unanswered = lease ? 0 : unanswered + 1;
    if (unanswered === 2) break;
  }
  return asked;
}

type Facts = Readonly<Record<string, FrameTest>>;

/** Who asks for a machine, and what that is told, in words and by what its ACK shows. */
interface Told {
  readonly who: string;
  readonly what: string;
  readonly facts: Facts;
}

/** Asks once more in the name of a machine, as something else boots on it. */
async function asksAs(
  run: ScenarioRun,
  client: StandIn,
  machine: Machine,
  boots: { readonly sends: Readonly<Record<number, string>> },
  told: Told,
): Promise<boolean> {
  const { points } = run;
  const other = await client.inTheNameOf(machine);
  const { evidence } = await run.capture(
    () => other.dhcp({ tries: 2, requests: [66, 67, 150, 175], ...boots }),
    { points: [client.point, points.brbm, points.integration, points.dhcp] },
  );
  const what = `ACK to ${machine.name}'s ${told.who}`;
  const ack = await evidence.journey(what, dhcp('ACK', machine.mac), { from: points.dhcp, to: client.point });
  return claimAll(run, `${machine.name}'s ${told.who} ${told.what}`, ack, told.facts);
}

/** States that a frame has all of these; the reason names those that it has not. */
function claimAll(run: ScenarioRun, text: string, ack: JourneyStory, facts: Facts): boolean {
  const frame = ack.at(ack.to);
  const wrong = Object.keys(facts).filter((fact) => !frame || !facts[fact]?.(frame));
  const found = ack.shows(wrong.join(', ') || 'all of it', () => wrong.length === 0);
  run.claim(text, found);
  return found.holds;
}

/** What Neutron's DHCP agent has dnsmasq tell (RFC 2132), in hexadecimal as it is sent. */
function fromNeutron({ network, dhcpServer }: ScenarioRun, ip: string): Facts {
  const { gateway_ip: gateway, cidr, dhcp } = network.subnet;
  const [base = '', length = ''] = cidr.split('/');
  const mask = (0xffff_ffff << (32 - Number(length))) >>> 0;
  const broadcast = (parseInt(address(base), 16) | ~mask) >>> 0;
  return {
    [`the address ${ip}`]: ({ decoded }) => decoded.dhcp?.yiaddr === ip,
    'the subnet mask (option 1)': option(1, hex32(mask)),
    [`the gateway ${gateway} (option 3)`]: option(3, address(gateway)),
    'dnsmasq as name server (option 6)': option(6, address(dhcpServer.ip)),
    'the host name (option 12)': textOption(12, `host-${ip.replaceAll('.', '-')}`),
    'the domain openstacklocal (option 15)': textOption(15, 'openstacklocal'),
    'the broadcast address (option 28)': option(28, hex32(broadcast)),
    [`a lease of ${dhcp.lease_duration} s (option 51)`]: option(51, hex32(dhcp.lease_duration)),
    [`the server ${dhcpServer.ip} (option 54)`]: option(54, address(dhcpServer.ip)),
  };
}

/** What Ironic has Neutron tell a node that is to boot by PXE. */
function fromIronic(file: string): Facts {
  return {
    [`the next server ${bootServer} (siaddr)`]: ({ decoded }) => decoded.dhcp?.siaddr === bootServer,
    [`the TFTP server ${bootServer} (option 66)`]: textOption(66, bootServer),
    [`the boot file ${file} (option 67)`]: textOption(67, file),
    [`the TFTP server ${bootServer} (option 150)`]: option(150, address(bootServer)),
  };
}

function option(code: number, hex: string): FrameTest {
  return ({ decoded }) => decoded.dhcp?.options.some((it) => it.code === code && it.hex === hex) === true;
}

/** An option that holds a text; dnsmasq ends those that it does not know itself with a NUL. */
function textOption(code: number, value: string): FrameTest {
  const hex = Buffer.from(value, 'latin1').toString('hex');
  return (frame) => option(code, hex)(frame) || option(code, `${hex}00`)(frame);
}

function address(ip: string): string {
  return Buffer.from(ip.split('.').map(Number)).toString('hex');
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
