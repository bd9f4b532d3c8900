import { type Host, runIn } from '../../linux/host.ts';
import type { LabPlan } from '../plan.ts';
import type { Deviation } from './deviation.ts';
import { deviceThing } from './things.ts';

/** A network device as it should be. */
interface PlannedDevice {
  readonly name: string;
  /** The namespace of devstack that holds it; null for devstack itself. */
  readonly namespace: string | null;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** A device in the output of `ip -j address`. */
interface FoundDevice {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

/** The devices in devstack that are missing, down, or lack an address. */
export async function deviceDeviations(devstack: Host, plan: LabPlan): Promise<Deviation[]> {
  const planned = plannedDevices(plan);
  const namespaces = [...new Set(planned.map(({ namespace }) => namespace))];
  const found = await Promise.all(
    namespaces.map(async (namespace) => [namespace, await devicesIn(devstack, namespace)] as const),
  );
  const byNamespace = new Map(found);
  return planned.flatMap((device) => compareDevice(device, byNamespace.get(device.namespace) ?? []));
}

async function devicesIn(devstack: Host, namespace: string | null): Promise<FoundDevice[]> {
  const options = { accept: [0, 1, 255], ...(namespace === null ? {} : { namespace }) };
  const { exitCode, stdout } = await runIn(devstack, ['ip', '-j', 'address'], options);
  return exitCode === 0 ? (JSON.parse(stdout) as FoundDevice[]) : [];
}

function plannedDevices({ devstack, wires }: LabPlan): PlannedDevice[] {
  const own = (name: string, addresses: readonly string[] = []) => ({ name, namespace: null, addresses });
  return [
    ...wires.map(({ devstackDevice }) => own(devstackDevice)),
    ...devstack.veths.flatMap(({ a, b }) => [own(a), own(b)]),
    ...devstack.services.map(({ device, ip, prefixLength }) => own(device, [`${ip}/${prefixLength}`])),
    ...devstack.dhcpAgents.map(({ namespace, tap, address }) => ({
      name: tap.name,
      namespace,
      addresses: [address],
    })),
    ...devstack.routers.flatMap(({ namespace, ports }) =>
      ports.map(({ port, address }) => ({ name: port.name, namespace, addresses: [address] })),
    ),
  ];
}

function compareDevice({ name, addresses }: PlannedDevice, all: readonly FoundDevice[]): Deviation[] {
  const deviation = (text: string) => [{ thing: deviceThing(name), text, at: [`devstack/${name}`] }];
  const found = all.find(({ ifname }) => ifname.replace(/@.*$/, '') === name);
  if (!found) return deviation(`there is no device ${name} where it belongs`);
  if (!found.flags.includes('UP')) return deviation(`device ${name} is down`);
  if (!found.flags.includes('LOWER_UP'))
    return deviation(`device ${name} has no carrier: its other end is down`);
  const has = new Set(found.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
  return addresses
    .filter((address) => !has.has(address))
    .flatMap((address) => deviation(`${name} lacks the address ${address}`));
}
