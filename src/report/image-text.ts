import pc from 'picocolors';
import type { StoredImage } from '../ironic/images/store.ts';
import { bytesText } from './amounts.ts';
import { table } from './table.ts';
import { localTime } from './time.ts';

/** Images, a line each. */
export function imageLines(images: readonly StoredImage[]): string {
  if (images.length === 0) return 'no images yet: `lab image build` makes them\n';
  const rows = images.map(({ name, id, made, files }) => [
    name,
    id,
    localTime(made),
    files.map((file) => `${file.name} ${bytesText(file.size)}`).join(', '),
  ]);
  return `${table([['IMAGE', 'ID', 'MADE', 'FILES'], ...rows]).join('\n')}\n`;
}

/** All that is known of an image. */
export function imageText(image: StoredImage): string {
  const { name, id, made, folder, facts, files, packages } = image;
  const pairs = (of: Readonly<Record<string, string | number>>) =>
    table(
      Object.entries(of).map(([key, value]) => [key, String(value)]),
      '  ',
    );
  const sums = files.map((file) => [file.name, bytesText(file.size), `sha256 ${file.sha256}`]);
  return [
    `${pc.bold(name)} ${id}`,
    pc.dim(`made ${localTime(made)}, in ${folder}`),
    ...pairs(facts),
    'files',
    ...table(sums, '  '),
    ...(Object.keys(packages).length > 0 ? ['packages', ...pairs(packages)] : []),
    '',
  ].join('\n');
}
