import type { BmcEntry } from './bmc-file.ts';
import { InMemoryChassis } from './in-memory-chassis.ts';
import { LibvirtChassis } from './libvirt-chassis.ts';
import { readSecretFile } from './secret-file.ts';
import { type ServedBmc, serveBmc } from './server.ts';
import { stateFile } from './state-file.ts';

/**
 * Serves every BMC of a file or command line. When one cannot be served, none is.
 *
 * @throws LabError as `serveBmc` and `readSecretFile` do
 */
export async function serveEntries(
  entries: readonly BmcEntry[],
  options: { readonly powerRestored: boolean; readonly log: (line: string) => void },
): Promise<readonly ServedBmc[]> {
  const served: ServedBmc[] = [];
  try {
    for (const entry of entries) served.push(await serveEntry(entry, options));
  } catch (error) {
    await Promise.all(served.map((bmc) => bmc.close()));
    throw error;
  }
  return served;
}

function serveEntry(
  entry: BmcEntry,
  { powerRestored, log }: Parameters<typeof serveEntries>[1],
): Promise<ServedBmc> {
  const { name, address, port, user, machine } = entry;
  return serveBmc({
    ...{ name, address, port, user, powerRestored, log },
    password: readSecretFile(entry.password_file),
    chassis: entry.domain ? new LibvirtChassis({ uri: entry.connect }, entry.domain) : new InMemoryChassis(),
    suites: entry.suites,
    lanplusOnly: entry.lanplus_only,
    ...(entry.state_file ? { store: stateFile(entry.state_file) } : {}),
    ...(entry.kg_file ? { kg: Buffer.from(readSecretFile(entry.kg_file)) } : {}),
    ...(entry.uuid ? { uuid: entry.uuid } : {}),
    ...(machine
      ? {
          machine: {
            manufacturer: machine.manufacturer,
            product: machine.product,
            serial: machine.serial,
            ...(machine.part_number ? { partNumber: machine.part_number } : {}),
            ...(machine.asset_tag ? { assetTag: machine.asset_tag } : {}),
          },
        }
      : {}),
  });
}
