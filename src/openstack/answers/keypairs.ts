import { LabError } from '../../errors.ts';
import type { CloudKeypair } from '../cloud.ts';
import { JsonFile } from './json-file.ts';

/** The public keys that instances can be given. */
export class Keypairs {
  private readonly file: JsonFile<CloudKeypair>;

  constructor(path: string) {
    this.file = new JsonFile(path);
  }

  all(): CloudKeypair[] {
    return this.file.all();
  }

  /** @throws LabError `usage` for a name that is taken, or a text that is no public key of SSH */
  add(name: string, publicKey: string): CloudKeypair {
    if (this.all().some((it) => it.name === name))
      throw new LabError('usage', `there is a keypair ${name} already`);
    if (!/^(ssh|ecdsa)-\S+ \S+/.test(publicKey)) throw new LabError('usage', 'that is no public key of SSH');
    const added = { name, public_key: publicKey.trim() };
    this.file.replace([...this.all(), added]);
    return added;
  }

  /** @throws LabError `usage` when there is none of that name */
  get(name: string): CloudKeypair {
    const found = this.all().find((it) => it.name === name);
    if (found) return found;
    const known =
      this.all()
        .map((it) => it.name)
        .join(', ') || 'none';
    throw new LabError('usage', `there is no keypair ${name}; there are: ${known}`, {
      remedy: `nova keypair-add ${name}`,
    });
  }

  remove(name: string): void {
    this.get(name);
    this.file.replace(this.all().filter((it) => it.name !== name));
  }
}
