import { gzipSync } from 'node:zlib';
import { writeIso9660 } from './iso9660.ts';

/** What a new system is told of itself, by OpenStack's config drive (nova's doc "config drive"). */
export interface ConfigDriveContent {
  /** Tells a system whether it has done this already. */
  readonly uuid: string;
  readonly hostname: string;
  /** SSH public keys of the user, by name. */
  readonly publicKeys?: Readonly<Record<string, string>>;
  /** The user's password. */
  readonly adminPassword?: string;
  /** A script, or a #cloud-config. */
  readonly userData?: string;
}

/** A config drive as Ironic hands it on: base64 of a gzipped ISO 9660 image labelled config-2. */
export function configDrive(content: ConfigDriveContent): string {
  const { uuid, hostname, publicKeys, adminPassword, userData } = content;
  const metaData = {
    uuid,
    name: hostname,
    hostname,
    ...(publicKeys ? { public_keys: publicKeys } : {}),
    ...(adminPassword === undefined ? {} : { admin_pass: adminPassword }),
  };
  const files = new Map([['openstack/latest/meta_data.json', `${JSON.stringify(metaData, undefined, 1)}\n`]]);
  if (userData !== undefined) files.set('openstack/latest/user_data', userData);
  return gzipSync(writeIso9660('config-2', files)).toString('base64');
}
