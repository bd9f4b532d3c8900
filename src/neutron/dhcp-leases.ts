/** A lease as dnsmasq keeps it. */
export interface DhcpLease {
  /** ISO 8601; null for one that never expires. */
  readonly expires: string | null;
  readonly mac: string;
  readonly ip: string;
  /** null when the client gave none and dnsmasq knows none. */
  readonly hostname: string | null;
}

/**
 * Reads dnsmasq's lease file: a line each of expiry in seconds since 1970 (0: never), MAC, address, host name and
 * client id, `*` where there is none. Lines of DHCPv6, which follow a line `duid …`, are left out.
 */
export function parseDhcpLeases(text: string): DhcpLease[] {
  const [ipv4 = ''] = text.split(/^duid /m);
  return ipv4.split('\n').flatMap((line) => {
    const [expires, mac, ip, hostname] = line.split(' ');
    if (!expires || !mac || !ip) return [];
    return [
      {
        expires: expires === '0' ? null : new Date(Number(expires) * 1000).toISOString(),
        mac,
        ip,
        hostname: hostname === undefined || hostname === '*' ? null : hostname,
      },
    ];
  });
}
