import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readSecretFile } from '../bmc/secret-file.ts';
import { bmcPasswordFile } from '../lab/build-bmcs.ts';
import type { Lab } from '../lab/record.ts';
import { makePrivateFolder } from '../linux/files.ts';
import { seenFromOutside } from '../linux/host.ts';

/** A node as a user enrolls it, before it is checked. */
export interface GivenNode {
  readonly name?: unknown;
  readonly driver_info?: unknown;
}

/**
 * Puts the password of a node's BMC, which Ironic has in driver_info/ipmi_password, into a file in devstack that only
 * the conductor reads, so that it is in no record of the node.
 *
 * @param file holds the password in place of the node
 */
export function keepPassword(lab: Lab, node: GivenNode, file?: string): object {
  const { ipmi_password: given, ...info } = (node.driver_info ?? {}) as Record<string, unknown>;
  const password = file === undefined ? given : readSecretFile(file);
  if (typeof password !== 'string' || typeof node.name !== 'string' || !/^[\w.-]+$/.test(node.name))
    return node;
  const kept = bmcPasswordFile(node.name);
  const path = seenFromOutside(lab.devstack, kept);
  makePrivateFolder(dirname(path));
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return { ...node, driver_info: { ...info, ipmi_password_file: kept } };
}
