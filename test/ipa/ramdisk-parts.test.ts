import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeCpio } from '../../src/ipa/cpio.ts';
import * as initScripts from '../../src/ipa/init-script.ts';
import { shrinkNode } from '../../src/ipa/shrink-node.ts';
import { neededLibraries } from '../../src/ironic/images/elf.ts';
import { FileTree } from '../../src/ironic/images/file-tree.ts';
import * as osScripts from '../../src/ironic/images/os-scripts.ts';
import { run } from '../../src/linux/process.ts';
import { temporaryFolder } from './agent/fixtures.ts';

function someTree(reversed = false): FileTree {
  const tree = new FileTree();
  const steps = [
    () => tree.file('etc/deep/er/file', 'content\n', 0o600),
    () => tree.file('empty', ''),
    () => tree.link('bin/sh', 'busybox'),
    () => tree.directory('root', 0o700),
    () => tree.device('dev/console', 5, 1),
  ];
  for (const step of reversed ? steps.reverse() : steps) step();
  return tree;
}

test('an archive unpacks to what was put in, folders first', async () => {
  const folder = temporaryFolder();
  const archive = Buffer.concat([...writeCpio(someTree().entries())]);
  const { stdout } = await run(['busybox', 'cpio', '-t', '-v'], { input: archive });
  expect(stdout.match(/^\S+|(?<=:\d\d ).*$/gm)?.join(' ')).toMatchInlineSnapshot(
    `"drwxr-xr-x bin lrwxrwxrwx bin/sh -> busybox drwxr-xr-x dev crw------- dev/console -rw-r--r-- empty drwxr-xr-x etc drwxr-xr-x etc/deep drwxr-xr-x etc/deep/er -rw------- etc/deep/er/file drwx------ root"`,
  );
  await run(['busybox', 'cpio', '-i', '-d', '-m', 'etc/*', 'bin/*', 'empty'], {
    input: archive,
    cwd: folder,
  });
  expect(readFileSync(join(folder, 'etc/deep/er/file'), 'utf8')).toBe('content\n');
  expect(statSync(join(folder, 'etc/deep/er/file')).mode & 0o777).toBe(0o600);
});

test('the order in which a tree was made does not show', () => {
  const bytes = (tree: FileTree) => Buffer.concat([...writeCpio(tree.entries())]);
  expect(bytes(someTree()).equals(bytes(someTree(true)))).toBe(true);
});

test('a tree does not take two different files of one name', () => {
  const tree = someTree();
  tree.file('empty', '');
  expect(() => tree.file('empty', 'no')).toThrow('two different things called /empty');
});

test('every script is one that busybox can read', async () => {
  const { inittab: _, jsonScript: __, ...shell } = osScripts;
  for (const [name, text] of Object.entries({ ...initScripts, ...shell })) {
    const { stderr } = await run(['busybox', 'sh', '-n'], { input: text, accept: [0, 1, 2] });
    expect(`${name}: ${stderr}`).toBe(`${name}: `);
  }
});

test('a JSON document becomes lines of path and value', async () => {
  const file = join(temporaryFolder(), 'json.awk');
  writeFileSync(file, osScripts.jsonScript);
  const document = {
    uuid: 'u',
    list: [1, { b: 'x"y\\z\nA', deep: [[], {}, [true]] }],
    'with space': null,
    keys: { me: 'ssh-ed25519 AAAA me@here' },
    last: -1.5e3,
  };
  for (const input of [JSON.stringify(document), JSON.stringify(document, undefined, 4)]) {
    const { stdout } = await run(['busybox', 'awk', '-f', file], { input });
    expect(stdout.trim().split('\n')).toEqual([
      'uuid\tu',
      'list.0\t1',
      'list.1.b\tx"y\\z A',
      'list.1.deep.2.0\ttrue',
      'with space\tnull',
      'keys.me\tssh-ed25519 AAAA me@here',
      'last\t-1500',
    ]);
  }
});

test('node without other languages is a third smaller and does what the agent needs', async () => {
  const original = readFileSync(process.execPath);
  const before = Buffer.from(original.subarray(0, 4096));
  const shrunk = shrinkNode(original);
  expect(original.subarray(0, 4096).equals(before)).toBe(true);
  expect(neededLibraries(original)).toContain('libc.so.6');
  expect(shrunk.length).toBeLessThan(original.length * 0.7);
  const file = join(temporaryFolder(), 'node');
  writeFileSync(file, shrunk, { mode: 0o755 });
  const script = `
    const text = new TextDecoder('utf-8').decode(new Uint8Array([0xc3, 0xa9]));
    const url = new URL('http://b\u00fccher.example:8080/a?b=c');
    require('node:http'); require('node:zlib'); require('node:crypto').createHash('sha512');
    console.log(process.version, text, url.host, new Date(0).toLocaleString('en'), (1234.5).toLocaleString('de'));
  `;
  const { stdout } = await run([file, '-e', script], { env: { TZ: 'UTC' } });
  expect(stdout.trim()).toBe(`${process.version} é xn--bcher-kva.example:8080 1/1/1970, 12:00:00 AM 1,234.5`);
});
