import { AgentError } from './errors.ts';
import type { BlockDevice } from './inventory.ts';
import { isObject, type Json } from './json.ts';

const leastSize = 4 * 2 ** 30;

/**
 * The disk to write to: the one that the root device hints point at, else the smallest of at least 4 GiB, as
 * ironic-python-agent chooses (get_os_install_device); where all are smaller, as in a small lab, the smallest.
 *
 * @param hints `properties/root_device` of the node or the text of `root_device=`: names and values such as
 *   `{serial: 'abc', size: '>= 10'}` (size in GiB)
 * @throws AgentError DeviceNotFound
 */
export function chooseRootDevice(disks: readonly BlockDevice[], hints?: Json): BlockDevice {
  const wanted = parseHints(hints);
  const fitting = disks.filter((disk) => wanted.every(([name, value]) => matches(disk, name, value)));
  const bySize = [...fitting].sort((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
  const chosen = wanted.length > 0 ? bySize[0] : (bySize.find(({ size }) => size >= leastSize) ?? bySize[0]);
  if (!chosen) {
    const seen = disks.map(({ name, size }) => `${name} (${size} bytes)`).join(', ') || 'none at all';
    const asked = wanted.map(([name, value]) => `${name}=${value}`).join(', ');
    throw new AgentError(
      'DeviceNotFound',
      `no disk ${asked ? `with ${asked}` : 'to write to'}; seen: ${seen}`,
    );
  }
  return chosen;
}

function parseHints(hints: Json | undefined): [name: string, value: string][] {
  if (typeof hints === 'string') {
    return hints.split(',').flatMap((each) => {
      const at = each.indexOf('=');
      return at > 0 ? [[each.slice(0, at), decodeURIComponent(each.slice(at + 1))] as [string, string]] : [];
    });
  }
  if (!isObject(hints)) return [];
  return Object.entries(hints).flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]));
}

function matches(disk: BlockDevice, name: string, wanted: string): boolean {
  const [, operator = '', operand = ''] = /^(s==|==|=|>=|<=|<in>)?\s*(.*)$/.exec(wanted.trim()) ?? [];
  if (name === 'size') {
    const gib = Math.floor(disk.size / 2 ** 30);
    const value = Number(operand);
    // "= 10" means at least 10, as in Ironic.
    if (operator === '=' || operator === '>=') return gib >= value;
    return operator === '<=' ? gib <= value : gib === value;
  }
  if (name === 'rotational') return String(disk.rotational) === operand.toLowerCase();
  const actual: Record<string, string> = {
    name: disk.name,
    model: disk.model,
    vendor: disk.vendor,
    serial: disk.serial,
    wwn: disk.wwn,
  };
  const value = actual[name];
  if (value === undefined)
    throw new AgentError('DeviceNotFound', `the root device hint ${name} is not known`);
  const [a, b] = [value.toLowerCase(), operand.toLowerCase()];
  return operator === '<in>' ? a.includes(b) : a === b;
}
