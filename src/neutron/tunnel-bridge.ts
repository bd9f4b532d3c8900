import type { Bridge, Port } from '../ovs/bridges.ts';
import { ipv4ToNumber } from '../topology/ipv4.ts';
import type { Network, Topology } from '../topology/schema.ts';
import { type TunnelPort, type TunnelType, tunnelPatch } from './provider-network/tunnel.ts';

export const tunnelBridgeName = 'br-tun';

/** The types of tunnels that a topology's networks need. */
function tunnelTypes(networks: readonly Network[]): TunnelType[] {
  const types = networks.flatMap(({ provider: { network_type: type } }) =>
    type === 'gre' || type === 'vxlan' ? [type] : [],
  );
  return [...new Set(types)];
}

/** The tunnels from devstack to the compute node: one of each type that there are networks of. */
export function tunnelPorts({ networks, tunnel }: Topology): TunnelPort[] {
  return tunnel ? tunnelsTo(tunnel.compute.ip, networks) : [];
}

/** The tunnels to an agent, named as Neutron's tunnel_sync names them: the type and the address in hexadecimal. */
export function tunnelsTo(remoteIp: string, networks: readonly Network[]): TunnelPort[] {
  const address = ipv4ToNumber(remoteIp).toString(16).padStart(8, '0');
  return tunnelTypes(networks).map((type) => ({ name: `${type}-${address}`, type }));
}

/** br-int's port towards br-tun. */
export const integrationTunnelPort: Port = {
  name: tunnelPatch.onIntegration,
  type: 'patch',
  peer: tunnelPatch.onTunnel,
};

/** br-tun with its patch port and its tunnels (Neutron's ovs_lib.py, add_tunnel_port). */
export function tunnelBridge(
  tunnels: readonly TunnelPort[],
  { localIp, remoteIp }: { readonly localIp: string; readonly remoteIp: string },
): Bridge {
  return {
    name: tunnelBridgeName,
    failMode: 'secure',
    ports: [
      { name: tunnelPatch.onTunnel, type: 'patch', peer: tunnelPatch.onIntegration },
      ...tunnels.map(
        ({ name, type }): Port => ({
          name,
          type,
          options: {
            df_default: 'true',
            remote_ip: remoteIp,
            local_ip: localIp,
            in_key: 'flow',
            out_key: 'flow',
          },
        }),
      ),
    ],
  };
}
