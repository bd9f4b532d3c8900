import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { makePrivateFolder } from '../../linux/files.ts';
import type { Node } from '../node.ts';

/**
 * The conductor's nodes on disk: a file a node, replaced whole. A conductor that is killed at any moment leaves each
 * node as it was last saved. A handful of nodes that are read once and written one at a time need no database, and a
 * reader can look into the folder.
 */
export class NodeStore {
  private readonly folder: string;
  private readonly nodes = new Map<string, Node>();

  /** Opens the store and reads what is in it. */
  constructor(folder: string) {
    this.folder = folder;
    makePrivateFolder(folder);
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.json')) {
        const node = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Node;
        this.nodes.set(node.uuid, node);
      } else {
        // A node that was being written when the conductor died; the file it was to replace is whole.
        rmSync(join(folder, file), { force: true });
      }
    }
  }

  all(): Node[] {
    return [...this.nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(nameOrUuid: string): Node | undefined {
    return this.nodes.get(nameOrUuid) ?? this.all().find(({ name }) => name === nameOrUuid);
  }

  findByMac(macs: readonly string[]): Node | undefined {
    return this.all().find(({ mac }) => macs.includes(mac));
  }

  /** @throws LabError `usage` when there is none of that name or UUID */
  get(nameOrUuid: string): Node {
    const node = this.find(nameOrUuid);
    if (node) return node;
    const names = this.all().map(({ name }) => name);
    throw new LabError('usage', `there is no node "${nameOrUuid}"`, {
      remedy: names.length > 0 ? `one of ${names.join(', ')}` : 'lab node enroll',
    });
  }

  save(node: Node): Node {
    const saved = { ...node, updated_at: new Date().toISOString() };
    const file = this.file(node.uuid);
    const neighbour = `${file}.new`;
    const fd = openSync(neighbour, 'w', 0o600);
    try {
      writeFileSync(fd, JSON.stringify(saved, undefined, 1));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(neighbour, file);
    this.nodes.set(node.uuid, saved);
    return saved;
  }

  delete(uuid: string): void {
    rmSync(this.file(uuid), { force: true });
    this.nodes.delete(uuid);
  }

  private file(uuid: string): string {
    return join(this.folder, `${uuid}.json`);
  }
}
