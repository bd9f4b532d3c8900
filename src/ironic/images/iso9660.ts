/** ISO 9660 (ECMA-119): the file system of a config drive, small and read-only. */

const block = 2048;
const firstBlock = 16;
const directoryFlag = 2;
/** 2000-01-01 00:00:00 UTC in the seven bytes of a directory record (9.1.5). */
const when = [100, 1, 1, 0, 0, 0, 0];

interface Directory {
  readonly name: string;
  readonly parent: Directory | undefined;
  readonly directories: Directory[];
  readonly files: { readonly name: string; readonly content: Uint8Array; extent: number }[];
  extent: number;
  /** 1 is the root. */
  number: number;
}

/**
 * Makes an ISO 9660 image. Names are kept in capitals, as the standard wants; Linux shows them in small letters.
 * The same files give the same bytes.
 *
 * @param label the volume's name, at most 32 characters
 * @param files by path, such as `openstack/latest/meta_data.json`; a directory holds at most some 40
 */
export function writeIso9660(label: string, files: ReadonlyMap<string, Uint8Array | string>): Buffer {
  const root = buildTree(files);
  const directories = inPathTableOrder(root);
  const [pathTableL, pathTableM] = [firstBlock + 2, firstBlock + 3];
  let next = firstBlock + 4;
  for (const [index, directory] of directories.entries()) {
    directory.number = index + 1;
    directory.extent = next++;
  }
  for (const file of directories.flatMap((directory) => directory.files)) {
    file.extent = next;
    next += Math.ceil(file.content.length / block);
  }
  const image = Buffer.alloc(next * block);
  const pathTable = (bigEndian: boolean) =>
    Buffer.concat(directories.map((directory) => pathTableRecord(directory, bigEndian)));
  pathTable(false).copy(image, pathTableL * block);
  pathTable(true).copy(image, pathTableM * block);
  volumeDescriptor(label, next, pathTable(false).length, root).copy(image, firstBlock * block);
  image.set([255, ...Buffer.from('CD001'), 1], (firstBlock + 1) * block);
  for (const directory of directories) {
    directoryContent(directory).copy(image, directory.extent * block);
    for (const { content, extent } of directory.files) image.set(content, extent * block);
  }
  return image;
}

function newDirectory(name: string, parent: Directory | undefined): Directory {
  return { name, parent, directories: [], files: [], extent: 0, number: 0 };
}

function buildTree(files: ReadonlyMap<string, Uint8Array | string>): Directory {
  const root = newDirectory('', undefined);
  for (const [path, content] of files) {
    const names = path.toUpperCase().split('/');
    const fileName = names.pop() ?? '';
    let directory = root;
    for (const name of names) {
      const known = directory.directories.find((each) => each.name === name);
      const child = known ?? newDirectory(name, directory);
      if (!known) directory.directories.push(child);
      directory = child;
    }
    const dotted = fileName.includes('.') ? fileName : `${fileName}.`;
    directory.files.push({ name: `${dotted};1`, content: Buffer.from(content), extent: 0 });
  }
  return root;
}

/** Level by level (6.9.1). */
function inPathTableOrder(root: Directory): Directory[] {
  const order = [root];
  for (const directory of order) order.push(...directory.directories.sort(byName));
  return order;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function directoryContent(directory: Directory): Buffer {
  const self = record(Buffer.from([0]), directory.extent, block, directoryFlag);
  const parent = record(Buffer.from([1]), (directory.parent ?? directory).extent, block, directoryFlag);
  const entries = [
    ...directory.directories.map(({ name, extent }) => {
      return { name, bytes: record(Buffer.from(name), extent, block, directoryFlag) };
    }),
    ...directory.files.map(({ name, extent, content }) => {
      return { name, bytes: record(Buffer.from(name), extent, content.length, 0) };
    }),
  ].sort(byName);
  const content = Buffer.concat([self, parent, ...entries.map(({ bytes }) => bytes)]);
  if (content.length > block) throw new RangeError(`too many files in one directory of an ISO 9660 image`);
  return content;
}

/** A directory record (9.1). */
function record(identifier: Buffer, extent: number, length: number, flags: number): Buffer {
  const bytes = Buffer.alloc(33 + identifier.length + (1 - (identifier.length % 2)));
  bytes[0] = bytes.length;
  both32(extent).copy(bytes, 2);
  both32(length).copy(bytes, 10);
  bytes.set(when, 18);
  bytes[25] = flags;
  both16(1).copy(bytes, 28);
  bytes[32] = identifier.length;
  identifier.copy(bytes, 33);
  return bytes;
}

/** A path table record (9.4). */
function pathTableRecord({ name, parent, extent }: Directory, bigEndian: boolean): Buffer {
  const identifier = Buffer.from(name || '\0');
  const bytes = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
  bytes[0] = identifier.length;
  if (bigEndian) {
    bytes.writeUInt32BE(extent, 2);
    bytes.writeUInt16BE(parent?.number ?? 1, 6);
  } else {
    bytes.writeUInt32LE(extent, 2);
    bytes.writeUInt16LE(parent?.number ?? 1, 6);
  }
  identifier.copy(bytes, 8);
  return bytes;
}

/** The primary volume descriptor (8.4). */
function volumeDescriptor(label: string, blocks: number, pathTableLength: number, root: Directory): Buffer {
  const bytes = Buffer.alloc(block);
  const text = (value: string, at: number, length: number) => bytes.write(value.padEnd(length), at, 'latin1');
  bytes.set([1, ...Buffer.from('CD001'), 1]);
  text('LINUX', 8, 32);
  text(label.slice(0, 32), 40, 32);
  both32(blocks).copy(bytes, 80);
  both16(1).copy(bytes, 120);
  both16(1).copy(bytes, 124);
  both16(block).copy(bytes, 128);
  both32(pathTableLength).copy(bytes, 132);
  bytes.writeUInt32LE(firstBlock + 2, 140);
  bytes.writeUInt32BE(firstBlock + 3, 148);
  record(Buffer.from([0]), root.extent, block, directoryFlag).copy(bytes, 156);
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text('', at, length);
  // Made and changed then, and never expiring (8.4.26).
  for (const at of [813, 830]) bytes.write('2000010100000000', at, 'latin1');
  for (const at of [847, 864]) bytes.write('0000000000000000', at, 'latin1');
  bytes[881] = 1;
  return bytes;
}

/** A number in both byte orders (7.3.3). */
function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}
