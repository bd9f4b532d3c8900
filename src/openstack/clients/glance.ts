import type { Command } from 'commander';
import type { CloudImage } from '../cloud.ts';
import { prettyTable } from '../pretty-table.ts';
import { type ClientContext, clientProgram, subcommand } from './client.ts';

/** python-glanceclient's `glance`, as far as the article uses it. */
export function glanceClient({ api, print }: ClientContext): Command {
  const program = clientProgram('glance', 'Images.');
  subcommand(program, 'image-list', 'the images').action(async () => {
    const { images } = await (await api()).get<{ images: CloudImage[] }>('/v2/images');
    const rows = images.map((it) => [
      it.id,
      it.name,
      it.disk_format,
      it.container_format,
      String(it.size),
      it.status,
    ]);
    print(prettyTable(['ID', 'Name', 'Disk Format', 'Container Format', 'Size', 'Status'], rows));
  });
  return program;
}
