import { run } from '../../src/linux/process.ts';

/** A field of a packet as tshark's PDML gives it, in the order of the dissection. */
export interface Field {
  readonly name: string;
  readonly show: string;
  /** The field's bytes in hexadecimal. */
  readonly value: string;
}

const preferences = [
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
  // Else a message is told with the last segment of its body, not with that of its head.
  'http.desegment_body:FALSE',
];

/** The fields of every frame of the file, flat. */
export async function tsharkFrames(path: string): Promise<Field[][]> {
  const { stdout } = await run(
    ['tshark', '-n', '-r', path, '-T', 'pdml', ...preferences.flatMap((preference) => ['-o', preference])],
    // 2: the file is cut short; what could be read was printed.
    { accept: [0, 2] },
  );
  return stdout
    .split('<packet>')
    .slice(1)
    .map((packet) => [...packet.matchAll(/<field ([^>]*)>/g)].map(([, text = '']) => field(text)));
}

function field(text: string): Field {
  const attribute = (name: string) => unescaped(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1] ?? '');
  return { name: attribute('name'), show: attribute('show'), value: attribute('value') };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
