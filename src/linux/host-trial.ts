import { LabError, messageOf } from '../errors.ts';
import { newNamespaces } from './host.ts';
import { run } from './process.ts';
import { checkUserMayMakeHosts, isRoot } from './user.ts';

/** What a host can do on this machine, each found by doing it in namespaces that end with the trial. */
export const hostAbilities = ['mounts', 'veth', 'tap', 'nat', 'vlan-filtering', '8021q', 'netem'] as const;
export type HostAbility = (typeof hostAbilities)[number];

/** The commands are root's in the new namespaces; one that fails takes its ability away and no other's. */
const script = `
able() { ability=$1; shift; "$@" > /dev/null 2>&1 && echo "$ability"; }
nat() {
  nft -f - << end
table ip trial {
  ct helper tftp { type "tftp" protocol udp; }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr 192.0.2.0/24 snat to 192.0.2.1
  }
}
end
}
mounts() { mount -t tmpfs trial /run && mount -t proc proc /proc; }
able mounts mounts
able veth ip link add veth0 type veth peer name veth1
able tap ip tuntap add tap0 mode tap
able nat nat
able vlan-filtering ip link add bridge0 type bridge vlan_filtering 1
able 8021q ip link add link veth0 name veth0.5 type vlan id 5
able netem tc qdisc add dev veth0 root netem delay 1ms
exit 0
`;

/**
 * Tries what hosts are made of.
 *
 * @throws LabError `machine-lacks` with what to do when this user cannot make namespaces at all
 */
export async function tryHostAbilities(): Promise<ReadonlySet<HostAbility>> {
  checkUserMayMakeHosts();
  try {
    const { stdout } = await run([...newNamespaces(!isRoot()), 'sh', '-c', script]);
    const words = new Set(stdout.split('\n'));
    return new Set(hostAbilities.filter((ability) => words.has(ability)));
  } catch (cause) {
    throw new LabError('machine-lacks', `this user cannot make namespaces: ${messageOf(cause)}`, {
      remedy: isRoot()
        ? 'in a container: run it with --privileged, or with the capabilities SYS_ADMIN and NET_ADMIN'
        : 'sudo sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0',
      cause,
    });
  }
}
