import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Disk } from '../../../src/ipa/agent/disk.ts';
import { parseImageInfo } from '../../../src/ipa/agent/image-info.ts';
import type { JsonObject } from '../../../src/ipa/agent/json.ts';
import { writeImage } from '../../../src/ipa/agent/write-image.ts';
import { run } from '../../../src/linux/process.ts';
import { dirtyDisk, makeImages, sumOf, temporaryFolder } from './fixtures.ts';
import { type ImageServerOptions, serveImages } from './image-server.ts';

const mebibyte = 2 ** 20;

interface Case {
  readonly file: 'disk.raw' | 'disk.qcow2';
  readonly convert?: readonly string[];
  readonly server?: ImageServerOptions;
  readonly info?: JsonObject;
  readonly diskSize?: number;
}

/** Writes an image to a disk of 32 MiB and answers what is where. */
async function write({ file, convert = [], server: serverOptions = {}, info = {}, diskSize }: Case) {
  const folder = temporaryFolder();
  const content = await makeImages(folder, convert);
  const server = await serveImages(folder, serverOptions);
  const { file: target, disk } = await dirtyDisk(folder, diskSize ?? 32 * mebibyte);
  const given = { id: 'img', urls: [`${server.url}/${file}`], checksum: sumOf(join(folder, file)), ...info };
  const written = await writeImage(parseImageInfo(given), disk);
  return { content, server, written, folder, target: readFileSync(target) };
}

const qcow2s: Record<string, readonly string[]> = {
  'as qemu-img makes it': [],
  compressed: ['-c'],
  'of version 2': ['-o', 'compat=0.10'],
  'of small clusters': ['-o', 'cluster_size=512'],
  'of large clusters, compressed': ['-c', '-o', 'cluster_size=2M'],
  'with every cluster in its place beforehand': ['-o', 'preallocation=full', '-S', '0'],
};

for (const [name, convert] of Object.entries(qcow2s)) {
  test(`a qcow2 image ${name} becomes the disk it describes`, async () => {
    const { content, target } = await write({ file: 'disk.qcow2', convert });
    expect(target.subarray(0, content.length).equals(content)).toBe(true);
    // Beyond the image only the last mebibyte is cleared, where an older partition table's copy may be.
    expect(target.subarray(content.length, content.length + 5).toString()).toMatch(/old|ld!|d! |! o| ol/);
    expect(target.subarray(-mebibyte).every((byte) => byte === 0)).toBe(true);
  });
}

test('a qcow2 image whose clusters and tables lie in a wild order becomes its disk', async () => {
  const folder = temporaryFolder();
  const image = join(folder, 'disk.qcow2');
  // Clusters of 4 KiB: a table of its own for each 2 MiB of the disk.
  await run(['qemu-img', 'create', '-f', 'qcow2', '-o', 'cluster_size=4k', image, '24M']);
  const writes = [22, 3, 9, 5, 0, 10, 2].map((at, index) => `write -P ${index + 1} ${at}M 100k`);
  const commands = [...writes, 'write -z 9M 64k', 'discard 10M 64k'];
  await run(['qemu-io', '-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), image]);
  await run(['qemu-img', 'convert', '-O', 'raw', image, join(folder, 'expected')]);
  const { url } = await serveImages(folder);
  const { file, disk } = await dirtyDisk(folder, 24 * mebibyte);
  await writeImage(parseImageInfo({ id: 'img', urls: [`${url}/disk.qcow2`], checksum: sumOf(image) }), disk);
  expect(readFileSync(file).equals(readFileSync(join(folder, 'expected')))).toBe(true);
});

test('a large image is never held in memory', async () => {
  const folder = temporaryFolder();
  const image = join(folder, 'large');
  await run(['truncate', '-s', '256M', image]);
  await run(['cp', '--sparse=always', image, join(folder, 'target')]);
  const { url } = await serveImages(folder);
  const disk = await Disk.open(join(folder, 'target'));
  onTestFinished(() => disk.close());
  const before = process.memoryUsage.rss();
  await writeImage(
    parseImageInfo({ id: 'img', urls: [`${url}/large`], checksum: sumOf(image, 'md5') }),
    disk,
  );
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * mebibyte);
});

test('a server that knows no ranges serves as well', async () => {
  const { content, target, server } = await write({
    file: 'disk.qcow2',
    convert: ['-c'],
    server: { ranges: false },
  });
  expect(target.subarray(0, content.length).equals(content)).toBe(true);
  expect(server.requests.every((request) => request === 'whole')).toBe(true);
});

test('a raw image is written as it is, and its length need not be told', async () => {
  for (const silent of [false, true]) {
    const { content, target, written } = await write({ file: 'disk.raw', server: { silent } });
    expect(target.subarray(0, content.length).equals(content)).toBe(true);
    expect(written).toMatchObject({ received: content.length, size: content.length });
  }
});

test.each(['md5', 'sha1', 'sha256', 'sha512'])('a checksum may be %s', async (algorithm) => {
  const folder = temporaryFolder();
  await makeImages(folder);
  const server = await serveImages(folder);
  const { disk } = await dirtyDisk(folder, 24 * mebibyte);
  const urls = [`${server.url}/disk.qcow2`];
  const sum = sumOf(join(folder, 'disk.qcow2'), algorithm);
  await writeImage(parseImageInfo({ id: 'img', urls, checksum: sum }), disk);
  await writeImage(parseImageInfo({ id: 'img', urls, os_hash_algo: algorithm, os_hash_value: sum }), disk);
});

test('an image that is not what its checksum says fails, with both sums', async () => {
  const wrong = 'd41d8cd98f00b204e9800998ecf8427e';
  const failure = write({ file: 'disk.raw', info: { checksum: wrong } });
  await expect(failure).rejects.toMatchObject({ type: 'ImageChecksumError', code: 500 });
  await expect(failure).rejects.toThrow(new RegExp(`${wrong}.*verification checksum: [0-9a-f]{32}`));
});

test('an image larger than the disk is refused before the disk is touched', async () => {
  for (const file of ['disk.raw', 'disk.qcow2'] as const) {
    const folder = temporaryFolder();
    await makeImages(folder);
    const server = await serveImages(folder);
    const { file: target, disk } = await dirtyDisk(folder, 23 * mebibyte);
    const info = { id: 'big', urls: [`${server.url}/${file}`], checksum: sumOf(join(folder, file)) };
    await expect(writeImage(parseImageInfo(info), disk)).rejects.toThrow(
      `image big needs 25165824 bytes, and the disk ${target} has 24117248`,
    );
    expect(readFileSync(target).subarray(0, 5).toString()).toBe('old! ');
  }
});

test('a connection lost in the middle is taken up anew', async () => {
  const { content, target } = await write({ file: 'disk.raw', server: { cutFirstAfter: 5_000_000 } });
  expect(target.subarray(0, content.length).equals(content)).toBe(true);
});

test('and where the server can tell that it is the same image, at the byte where it was', async () => {
  for (const file of ['disk.raw', 'disk.qcow2'] as const) {
    const convert = ['-o', 'preallocation=full', '-S', '0'];
    const cut = { cutFirstAfter: 5_000_000, etag: 'kept' } as const;
    const { content, target, server } = await write({ file, convert, server: cut });
    expect(target.subarray(0, content.length).equals(content)).toBe(true);
    expect(server.requests.filter((request) => request === 'whole')).toHaveLength(1);
    expect(server.requests.at(-1)).toBe('5000000-');
  }
});

test('but from its start when another image has taken its place meanwhile', async () => {
  const changing = { cutFirstAfter: 5_000_000, etag: 'changing' } as const;
  const { content, target, server } = await write({ file: 'disk.raw', server: changing });
  expect(target.subarray(0, content.length).equals(content)).toBe(true);
  // The one that is cut, the rest that is answered with all of another, and all of that from its start.
  expect(server.requests.filter((request) => request === 'whole')).toHaveLength(3);
});

test('of several URLs one that works is enough', async () => {
  const folder = temporaryFolder();
  const content = await makeImages(folder);
  const { url } = await serveImages(folder);
  const { file, disk } = await dirtyDisk(folder, 32 * mebibyte);
  const urls = [`${url}/missing`, `${url}/disk.raw`];
  await writeImage(parseImageInfo({ id: 'img', urls, checksum: sumOf(join(folder, 'disk.raw')) }), disk);
  expect(readFileSync(file).subarray(0, content.length).equals(content)).toBe(true);
});

test('an image that is nowhere fails with the answer of the server', async () => {
  await expect(write({ file: 'disk.raw', info: { urls: ['http://127.0.0.1:9/x'] } })).rejects.toThrow(
    'Download of image img failed: http://127.0.0.1:9/x: connect ECONNREFUSED',
  );
});

test('an image of another format than it is said to be is refused', async () => {
  await expect(write({ file: 'disk.qcow2', info: { disk_format: 'raw' } })).rejects.toThrow(
    'said to be raw and is qcow2',
  );
});

const unreadable: Record<string, readonly string[]> = {
  'data file of its own': ['-o', 'data_file=DATA'],
  subclusters: ['-o', 'extended_l2=on'],
  'compressed with zstd': ['-c', '-o', 'compression_type=zstd'],
};

for (const [name, convert] of Object.entries(unreadable)) {
  test(`a qcow2 image that needs more is refused by name: ${name}`, async () => {
    const data = join(temporaryFolder(), 'data');
    const options = convert.map((each) => each.replace('DATA', data));
    await expect(write({ file: 'disk.qcow2', convert: options })).rejects.toThrow(
      /cannot be read.*(data file|zstd)/,
    );
  });
}

test('a qcow2 image on top of another is refused', async () => {
  const folder = temporaryFolder();
  await makeImages(folder);
  const base = join(folder, 'disk.qcow2');
  await run(['qemu-img', 'create', '-f', 'qcow2', '-b', base, '-F', 'qcow2', join(folder, 'top.qcow2')]);
  const { url } = await serveImages(folder);
  const { disk } = await dirtyDisk(folder, 32 * mebibyte);
  const info = { id: 'top', urls: [`${url}/top.qcow2`], checksum: sumOf(join(folder, 'top.qcow2')) };
  await expect(writeImage(parseImageInfo(info), disk)).rejects.toThrow('backing file');
});
