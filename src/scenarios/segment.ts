import { type Host, runIn } from '../linux/host.ts';
import { ipBatch } from '../linux/ip-batch.ts';
import { addQuietNamespaces } from '../linux/namespaces.ts';
import { StandIn } from './stand-in.ts';

/** An Ethernet segment in the rack beside the access switch, for as long as the lab. */
export class Segment {
  /** All of it: `rack/far`. */
  readonly point: string;
  private readonly rack: Host;
  private readonly bridge: string;
  private plugged = 0;

  private constructor(rack: Host, bridge: string) {
    this.rack = rack;
    this.bridge = bridge;
    this.point = `${rack.name}/${bridge}`;
  }

  /** @param name at most 12 characters, as its devices are named after it */
  static async make(rack: Host, name: string): Promise<Segment> {
    await ipBatch(rack, [
      `link add ${name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${name} up`,
    ]);
    return new Segment(rack, name);
  }

  /**
   * Gives a stand-in another NIC, on this segment.
   *
   * @param address with its prefix length
   */
  async plug(standIn: StandIn, nic: string, address: string): Promise<void> {
    await this.cable(standIn.place.namespace, nic);
    await standIn.run(['ip', 'address', 'add', address, 'dev', nic]);
  }

  /** Makes a stand-in on this segment alone. */
  async addStandIn(known: {
    readonly name: string;
    readonly mac: string;
    readonly ip: string;
  }): Promise<StandIn> {
    await addQuietNamespaces(this.rack, [known.name]);
    const device = await this.cable(known.name, 'eth0', known.mac);
    const place = { host: this.rack, namespace: known.name, nic: 'eth0' };
    return new StandIn(known, { ...place, point: `${this.rack.name}/${device}` });
  }

  /** Answers the segment's end of the new cable. */
  private async cable(namespace: string, nic: string, mac?: string): Promise<string> {
    const device = `${this.bridge}-${++this.plugged}`;
    const address = mac === undefined ? '' : `address ${mac} `;
    await ipBatch(this.rack, [
      `link add ${nic} netns ${namespace} ${address}type veth peer name ${device}`,
      `link set ${device} master ${this.bridge} up`,
    ]);
    await runIn(this.rack, ['ip', 'link', 'set', nic, 'up'], { namespace });
    return device;
  }
}
