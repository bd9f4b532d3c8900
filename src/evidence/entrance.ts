import { LabError } from '../errors.ts';
import type { LabPlan, RackPort, Wire } from '../lab/plan.ts';
import type { Lab } from '../lab/record.ts';
import { softwareFolder } from '../lab/software.ts';
import { enterKeepingFiles, type Host, runIn } from '../linux/host.ts';
import { run } from '../linux/process.ts';
import type { SwitchedPorts } from './loss.ts';
import { findPoint } from './point.ts';
import { throughSwitch } from './through-switch.ts';

/** How a frame comes into Open vSwitch from a point, and how one is really put there. */
export interface Entrance {
  /** The point as it is named. */
  readonly point: string;
  /** The port of Open vSwitch by which its frames come in: the point itself, or the wires behind the switch. */
  readonly ports: readonly {
    readonly point: string;
    /** What the frame is like there; undefined when the switch does not let it through. */
    readonly frame: (frame: Uint8Array) => Uint8Array | undefined;
  }[];
  /** The points that it passes before Open vSwitch, as it is at the point. */
  readonly before: readonly string[];
  /** Whether a capture at the point sees what is sent there. */
  readonly visible: boolean;
  send(frame: Uint8Array): Promise<void>;
}

/**
 * The entrance at a point: a port of Open vSwitch, a patch port, or a server's port of the rack's switch.
 *
 * @throws LabError `usage` for a point from which frames do not come into Open vSwitch
 */
export function entranceAt(lab: Lab, plan: LabPlan, ports: SwitchedPorts, point: string): Entrance {
  const same = (frame: Uint8Array) => frame;
  const serverPort = plan.rack.ports.find(({ device }) => point === `rack/${device}`);
  if (serverPort) {
    return {
      point,
      before: [point],
      visible: true,
      ports: wiresOf(plan, serverPort).map(({ devstackDevice }) => ({
        point: `devstack/${devstackDevice}`,
        frame: (frame) => throughSwitch(frame, serverPort.setting, plan.rack.uplink),
      })),
      send: (frame) => sendFromServer(lab, plan, point, frame),
    };
  }
  const { device, namespace, mirrored } = findPoint(lab, point);
  const patch = mirrored?.find((place) => place.kind === 'entry' && place.port === device);
  if (patch) {
    return {
      point,
      before: [],
      ports: [{ point, frame: same }],
      visible: true,
      send: (frame) => packetOut(lab.devstack, patch.bridge, device, frame),
    };
  }
  const bridge = ports.bridgeOf(point);
  if (bridge === undefined) {
    throw new LabError('usage', `no frame comes into Open vSwitch at ${point}`, {
      remedy: 'give a port of a bridge, such as devstack/eth2, or a server such as rack/stand-in-1',
    });
  }
  const far = ports.cableEnd(point);
  const common = { point, before: far === undefined ? [] : [far], ports: [{ point, frame: same }] };
  if (far !== undefined)
    return { ...common, visible: true, send: (frame) => sendOut(lab, far, undefined, frame) };
  const isVm = plan.devstack.domains.some(({ nic }) => point === `devstack/${nic.device}`);
  // What a VM would send comes out of QEMU; what a bridge's own port would send, out of the host.
  if (isVm || mirrored) {
    return { ...common, visible: false, send: (frame) => packetOut(lab.devstack, bridge, device, frame) };
  }
  return { ...common, visible: true, send: (frame) => sendOut(lab, point, namespace, frame) };
}

/** The wires that a server's switch is on. */
function wiresOf({ wires, rack }: LabPlan, port: RackPort): readonly Wire[] {
  const own = rack.switches.filter(({ name }) => name === port.switch).map(({ wire }) => wire);
  return wires.filter(({ rackDevice }) => own.includes(rackDevice));
}

async function sendFromServer(lab: Lab, plan: LabPlan, point: string, frame: Uint8Array): Promise<void> {
  const standIn = plan.rack.standIns.find(({ device }) => point === `rack/${device}`);
  if (!standIn) {
    throw new LabError('usage', `nothing but its VM can send at ${point}`, {
      remedy: 'send at a stand-in such as rack/stand-in-1, or trace without --send',
    });
  }
  await sendFrame(lab.rack, 'eth0', standIn.server.name, frame);
}

/** Sends a frame out of the device of a point. */
async function sendOut(
  lab: Lab,
  point: string,
  namespace: string | undefined,
  frame: Uint8Array,
): Promise<void> {
  const [host, device = ''] = point.split('/');
  await sendFrame(host === 'rack' ? lab.rack : lab.devstack, device, namespace, frame);
}

async function sendFrame(
  host: Host,
  device: string,
  namespace: string | undefined,
  frame: Uint8Array,
): Promise<void> {
  const program = `${softwareFolder()}/dist/send-frame.js`;
  const hex = Buffer.from(frame).toString('hex');
  await run([...enterKeepingFiles(host, namespace), process.execPath, program, device, hex]);
}

/** Lets Open vSwitch take a frame for one that came in by a port. */
async function packetOut(host: Host, bridge: string, port: string, frame: Uint8Array): Promise<void> {
  const packet = `in_port=${port},packet=${Buffer.from(frame).toString('hex')},actions=table`;
  await runIn(host, ['ovs-ofctl', '--names', 'packet-out', bridge, packet]);
}
