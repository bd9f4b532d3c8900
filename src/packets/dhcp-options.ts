import { hexOf, ipv4At, uint16, uint32 } from './addresses.ts';

/** How an option's bytes are to be read. */
type Shape = 'bytes' | 'text' | 'ip' | 'ips' | 'uint8' | 'uint16' | 'uint32' | 'uint8s';

interface Kind {
  readonly name: string;
  readonly shape: Shape;
}

const kinds: ReadonlyMap<number, Kind> = new Map([
  [1, { name: 'subnet-mask', shape: 'ip' }],
  [3, { name: 'router', shape: 'ips' }],
  [6, { name: 'dns-server', shape: 'ips' }],
  [12, { name: 'host-name', shape: 'text' }],
  [15, { name: 'domain-name', shape: 'text' }],
  [26, { name: 'mtu', shape: 'uint16' }],
  [28, { name: 'broadcast', shape: 'ip' }],
  [50, { name: 'requested-ip', shape: 'ip' }],
  [51, { name: 'lease-time', shape: 'uint32' }],
  [53, { name: 'message-type', shape: 'uint8' }],
  [54, { name: 'server-id', shape: 'ip' }],
  [55, { name: 'parameter-request-list', shape: 'uint8s' }],
  [56, { name: 'message', shape: 'text' }],
  [57, { name: 'max-message-size', shape: 'uint16' }],
  [58, { name: 'renewal-time', shape: 'uint32' }],
  [59, { name: 'rebinding-time', shape: 'uint32' }],
  [60, { name: 'vendor-class', shape: 'text' }],
  [61, { name: 'client-id', shape: 'bytes' }],
  [66, { name: 'tftp-server-name', shape: 'text' }],
  [67, { name: 'bootfile-name', shape: 'text' }],
]);

/** One DHCP option (RFC 2132); options of the same code are joined (RFC 3396). */
export interface DhcpOption {
  readonly code: number;
  readonly name: string;
  readonly value: string | number | readonly string[] | readonly number[];
  /** The option's data, in lower-case hexadecimal. */
  readonly hex: string;
}

/** The option of this code and data. Data that does not fit the option's shape is given as hexadecimal. */
export function readDhcpOption(code: number, data: Uint8Array): DhcpOption {
  const kind = kinds.get(code) ?? { name: `option-${code}`, shape: 'bytes' };
  const hex = hexOf(data);
  return { code, name: kind.name, value: shaped(kind.shape, data) ?? hex, hex };
}

function shaped(shape: Shape, data: Uint8Array): DhcpOption['value'] | undefined {
  switch (shape) {
    case 'bytes':
      return undefined;
    case 'text':
      return new TextDecoder().decode(data).replace(/\0+$/, '');
    case 'ip':
      return data.length === 4 ? ipv4At(data, 0) : undefined;
    case 'ips':
      if (data.length === 0 || data.length % 4 !== 0) return undefined;
      return Array.from({ length: data.length / 4 }, (_, i) => ipv4At(data, 4 * i));
    case 'uint8':
      return data.length === 1 ? data[0] : undefined;
    case 'uint16':
      return data.length === 2 ? uint16(data, 0) : undefined;
    case 'uint32':
      return data.length === 4 ? uint32(data, 0) : undefined;
    case 'uint8s':
      return [...data];
  }
}
