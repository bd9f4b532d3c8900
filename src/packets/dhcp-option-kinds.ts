/** How an option's data is to be read. `options` holds further options (RFC 2132 8.4), `text` may be padded. */
export type OptionShape =
  | 'bytes'
  | 'text'
  | 'flag'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'int32'
  | 'uint8s'
  | 'uint16s'
  | 'address'
  | 'addresses'
  | 'message-type'
  | 'client-id'
  | 'uuid'
  | 'network-interface'
  | 'user-class'
  | 'domain-name'
  | 'domains'
  | 'routes'
  | 'options';

export interface OptionKind {
  readonly name: string;
  readonly shape: OptionShape;
  /** What the codes inside mean, for the shape `options`. */
  readonly inside?: ReadonlyMap<number, OptionKind>;
}

type Row = readonly [code: number, name: string, shape?: OptionShape];

function table(rows: readonly Row[]): Map<number, OptionKind> {
  return new Map(rows.map(([code, name, shape = 'bytes']) => [code, { name, shape }]));
}

/** DHCP options (IANA's list; RFC 2132, RFC 3004, RFC 3011, RFC 3397, RFC 3442, RFC 4578, RFC 5859 and others). */
const options = table([
  [1, 'subnet-mask', 'address'],
  [2, 'time-offset', 'int32'],
  [3, 'router', 'addresses'],
  [4, 'time-server', 'addresses'],
  [5, 'name-server', 'addresses'],
  [6, 'dns-server', 'addresses'],
  [7, 'log-server', 'addresses'],
  [8, 'quote-server', 'addresses'],
  [9, 'lpr-server', 'addresses'],
  [10, 'impress-server', 'addresses'],
  [11, 'resource-location-server', 'addresses'],
  [12, 'host-name', 'text'],
  [13, 'boot-file-size', 'uint16'],
  [14, 'merit-dump-file', 'text'],
  [15, 'domain-name', 'text'],
  [16, 'swap-server', 'address'],
  [17, 'root-path', 'text'],
  [18, 'extensions-path', 'text'],
  [19, 'ip-forwarding', 'flag'],
  [20, 'non-local-source-routing', 'flag'],
  [21, 'policy-filter', 'addresses'],
  [22, 'max-datagram-reassembly', 'uint16'],
  [23, 'default-ttl', 'uint8'],
  [24, 'path-mtu-aging-timeout', 'uint32'],
  [25, 'path-mtu-plateau-table', 'uint16s'],
  [26, 'mtu', 'uint16'],
  [27, 'all-subnets-local', 'flag'],
  [28, 'broadcast', 'address'],
  [29, 'perform-mask-discovery', 'flag'],
  [30, 'mask-supplier', 'flag'],
  [31, 'perform-router-discovery', 'flag'],
  [32, 'router-solicitation-address', 'address'],
  [33, 'static-route', 'addresses'],
  [34, 'trailer-encapsulation', 'flag'],
  [35, 'arp-cache-timeout', 'uint32'],
  [36, 'ethernet-encapsulation', 'flag'],
  [37, 'tcp-default-ttl', 'uint8'],
  [38, 'tcp-keepalive-interval', 'uint32'],
  [39, 'tcp-keepalive-garbage', 'flag'],
  [40, 'nis-domain', 'text'],
  [41, 'nis-server', 'addresses'],
  [42, 'ntp-server', 'addresses'],
  [43, 'vendor-specific', 'options'],
  [44, 'netbios-name-server', 'addresses'],
  [45, 'netbios-dd-server', 'addresses'],
  [46, 'netbios-node-type', 'uint8'],
  [47, 'netbios-scope', 'text'],
  [48, 'x-font-server', 'addresses'],
  [49, 'x-display-manager', 'addresses'],
  [50, 'requested-ip', 'address'],
  [51, 'lease-time', 'uint32'],
  [52, 'overload', 'uint8'],
  [53, 'message-type', 'message-type'],
  [54, 'server-id', 'address'],
  [55, 'parameter-request-list', 'uint8s'],
  [56, 'message', 'text'],
  [57, 'max-message-size', 'uint16'],
  [58, 'renewal-time', 'uint32'],
  [59, 'rebinding-time', 'uint32'],
  [60, 'vendor-class', 'text'],
  [61, 'client-id', 'client-id'],
  [62, 'netware-domain', 'text'],
  [63, 'netware-options'],
  [64, 'nis+-domain', 'text'],
  [65, 'nis+-server', 'addresses'],
  [66, 'tftp-server-name', 'text'],
  [67, 'bootfile-name', 'text'],
  [68, 'mobile-ip-home-agent', 'addresses'],
  [69, 'smtp-server', 'addresses'],
  [70, 'pop3-server', 'addresses'],
  [71, 'nntp-server', 'addresses'],
  [72, 'www-server', 'addresses'],
  [73, 'finger-server', 'addresses'],
  [74, 'irc-server', 'addresses'],
  [75, 'streettalk-server', 'addresses'],
  [76, 'stda-server', 'addresses'],
  [77, 'user-class', 'user-class'],
  [78, 'slp-directory-agent'],
  [79, 'slp-service-scope'],
  [80, 'rapid-commit'],
  [81, 'fqdn'],
  [82, 'relay-agent-information', 'options'],
  [85, 'nds-server', 'addresses'],
  [86, 'nds-tree', 'text'],
  [87, 'nds-context', 'text'],
  [88, 'bcmcs-domains', 'domains'],
  [89, 'bcmcs-server', 'addresses'],
  [90, 'authentication'],
  [91, 'client-last-transaction-time', 'uint32'],
  [92, 'associated-ip', 'addresses'],
  [93, 'client-architecture', 'uint16s'],
  [94, 'client-network-interface', 'network-interface'],
  [95, 'ldap', 'text'],
  [97, 'client-machine-id', 'uuid'],
  [98, 'user-auth', 'text'],
  [99, 'geoconf-civic'],
  [100, 'tz-posix', 'text'],
  [101, 'tz-database', 'text'],
  [108, 'ipv6-only-preferred', 'uint32'],
  [112, 'netinfo-address', 'addresses'],
  [113, 'netinfo-tag', 'text'],
  [114, 'captive-portal', 'text'],
  [116, 'auto-configure', 'uint8'],
  [117, 'name-service-search', 'uint16s'],
  [118, 'subnet-selection', 'address'],
  [119, 'domain-search', 'domains'],
  [120, 'sip-server'],
  [121, 'classless-static-route', 'routes'],
  [122, 'cablelabs-client-configuration'],
  [123, 'geoconf'],
  [124, 'vendor-identifying-class'],
  [125, 'vendor-identifying-options'],
  [128, 'pxe-128'],
  [129, 'pxe-129'],
  [130, 'pxe-130'],
  [131, 'pxe-131'],
  [132, 'pxe-132'],
  [133, 'pxe-133'],
  [134, 'pxe-134'],
  [135, 'pxe-135'],
  [136, 'pana-agent', 'addresses'],
  [137, 'lost-server', 'domain-name'],
  [138, 'capwap-controller', 'addresses'],
  [141, 'sip-ua-domains', 'domains'],
  [143, 'sztp-redirect'],
  [144, 'geoloc'],
  [145, 'forcerenew-nonce'],
  [146, 'rdnss-selection'],
  [150, 'tftp-server-address', 'addresses'],
  [151, 'lease-query-status'],
  [152, 'base-time', 'uint32'],
  [153, 'start-time-of-state', 'uint32'],
  [154, 'query-start-time', 'uint32'],
  [155, 'query-end-time', 'uint32'],
  [156, 'dhcp-state', 'uint8'],
  [157, 'data-source', 'uint8'],
  [159, 'port-parameters'],
  [161, 'mud-url', 'text'],
  [175, 'ipxe', 'options'],
  [208, 'pxelinux-magic'],
  [209, 'pxelinux-config-file', 'text'],
  [210, 'pxelinux-path-prefix', 'text'],
  [211, 'pxelinux-reboot-time', 'uint32'],
  [212, '6rd'],
  [213, 'access-network-domain', 'domain-name'],
  [220, 'subnet-allocation'],
  [221, 'virtual-subnet-selection'],
  [249, 'microsoft-classless-static-route', 'routes'],
  [252, 'proxy-auto-discovery', 'text'],
]);

/** Option 43 of a PXE client or server (PXE 2.1, table 2-1). */
const pxe = table([
  [1, 'mtftp-address', 'address'],
  [2, 'mtftp-client-port'],
  [3, 'mtftp-server-port'],
  [4, 'mtftp-timeout', 'uint8'],
  [5, 'mtftp-delay', 'uint8'],
  [6, 'discovery-control', 'uint8'],
  [7, 'discovery-multicast-address', 'address'],
  [8, 'boot-servers'],
  [9, 'boot-menu'],
  [10, 'menu-prompt'],
  [11, 'multicast-address-allocation'],
  [12, 'credential-types'],
  [71, 'boot-item'],
]);

/** Option 82 (RFC 3046, RFC 3527, RFC 5010, RFC 5107). */
const relayAgent = table([
  [1, 'circuit-id'],
  [2, 'remote-id'],
  [4, 'docsis-device-class', 'uint32'],
  [5, 'link-selection', 'address'],
  [6, 'subscriber-id', 'text'],
  [7, 'radius-attributes'],
  [8, 'authentication'],
  [9, 'vendor-specific'],
  [10, 'relay-agent-flags', 'uint8'],
  [11, 'server-id-override', 'address'],
  [151, 'virtual-subnet-selection'],
  [152, 'virtual-subnet-selection-control'],
]);

/** Option 175 of iPXE (its src/include/ipxe/dhcp.h). */
const ipxe = table([
  [1, 'priority', 'uint8'],
  [8, 'keep-san', 'uint8'],
  [9, 'skip-san-boot', 'uint8'],
  [16, 'pxe-api-extensions', 'uint8'],
  [17, 'iscsi', 'uint8'],
  [18, 'aoe', 'uint8'],
  [19, 'http', 'uint8'],
  [20, 'https', 'uint8'],
  [21, 'tftp', 'uint8'],
  [22, 'ftp', 'uint8'],
  [23, 'dns', 'uint8'],
  [24, 'bzimage', 'uint8'],
  [25, 'multiboot', 'uint8'],
  [26, 'slam', 'uint8'],
  [27, 'srp', 'uint8'],
  [32, 'nbi', 'uint8'],
  [33, 'pxe', 'uint8'],
  [34, 'elf', 'uint8'],
  [35, 'comboot', 'uint8'],
  [36, 'efi', 'uint8'],
  [37, 'fcoe', 'uint8'],
  [38, 'vlan', 'uint8'],
  [39, 'menu', 'uint8'],
  [40, 'sdi', 'uint8'],
  [41, 'nfs', 'uint8'],
  [80, 'scriptlet', 'text'],
  [91, 'crypto-certificate'],
  [92, 'crypto-key'],
  [93, 'cross-certificate', 'text'],
  [176, 'no-pxe-dhcp', 'uint8'],
  [177, 'bus-id'],
  [188, 'san-filename', 'text'],
  [189, 'bios-drive', 'uint8'],
  [190, 'username', 'text'],
  [191, 'password', 'text'],
  [192, 'reverse-username', 'text'],
  [193, 'reverse-password', 'text'],
  [235, 'version', 'uint8s'],
]);

for (const [code, inside] of [
  [43, pxe],
  [82, relayAgent],
  [175, ipxe],
] as const) {
  const kind = options.get(code);
  if (kind) options.set(code, { ...kind, inside });
}

/** What is known of each option code. */
export const dhcpOptionKinds: ReadonlyMap<number, OptionKind> = options;
