import { createHash } from 'node:crypto';

/** What Linux allows an interface: IFNAMSIZ less the ending zero. */
const maxLength = 15;
const hashLength = 6;

/**
 * An interface's name that Linux takes: the name itself where it fits, else its beginning and six digits of its
 * SHA-1, as Neutron's get_interface_name (neutron/plugins/common/utils.py) makes it.
 */
export function interfaceName(name: string, prefix = ''): string {
  if (prefix.length + name.length <= maxLength) return prefix + name;
  const hash = createHash('sha1').update(name).digest('hex').slice(0, hashLength);
  return prefix + name.slice(0, maxLength - prefix.length - hashLength) + hash;
}
