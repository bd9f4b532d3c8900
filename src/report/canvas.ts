/** Which lines meet in a character cell. */
const up = 1;
const down = 2;
const left = 4;
const right = 8;
const glyphs: Readonly<Record<number, string>> = {
  [up]: '│',
  [down]: '│',
  [left]: '─',
  [right]: '─',
  [up | down]: '│',
  [left | right]: '─',
  [down | right]: '┌',
  [down | left]: '┐',
  [up | right]: '└',
  [up | left]: '┘',
  [up | down | right]: '├',
  [up | down | left]: '┤',
  [left | right | down]: '┬',
  [left | right | up]: '┴',
  [up | down | left | right]: '┼',
};

/** Text and lines on a grid of characters. Lines that meet are joined. */
export class Canvas {
  private readonly text: string[][] = [];
  private readonly strokes: number[][] = [];

  /** Writes text over whatever is there. */
  write(x: number, y: number, text: string): void {
    [...text].forEach((character, index) => {
      this.row(this.text, y)[x + index] = character;
    });
  }

  /** A box; its title stands in the upper edge, its lines inside, from the second column on. */
  box(x: number, y: number, width: number, lines: readonly string[], title = ''): void {
    const bottom = y + lines.length + 1;
    this.horizontal(x, y, width);
    this.horizontal(x, bottom, width);
    this.vertical(x, y, bottom);
    this.vertical(x + width - 1, y, bottom);
    if (title) this.write(x + 2, y, ` ${title} `);
    lines.forEach((line, index) => {
      this.write(x + 2, y + 1 + index, line);
    });
  }

  /** A line down from one row to another, both included. */
  vertical(x: number, from: number, to: number): void {
    for (let y = from; y <= to; y++) {
      this.stroke(x, y, (y > from ? up : 0) | (y < to ? down : 0));
    }
  }

  private horizontal(x: number, y: number, width: number): void {
    for (let at = x; at < x + width; at++) {
      this.stroke(at, y, (at > x ? left : 0) | (at < x + width - 1 ? right : 0));
    }
  }

  private stroke(x: number, y: number, directions: number): void {
    const row = this.row(this.strokes, y);
    row[x] = (row[x] ?? 0) | directions;
  }

  private row<T>(rows: T[][], y: number): T[] {
    const row = rows[y] ?? [];
    rows[y] = row;
    return row;
  }

  lines(): string[] {
    const height = Math.max(this.text.length, this.strokes.length);
    return Array.from({ length: height }, (_, y) => {
      const [text = [], strokes = []] = [this.text[y], this.strokes[y]];
      const width = Math.max(text.length, strokes.length);
      const cells = Array.from({ length: width }, (_, x) => text[x] ?? glyphs[strokes[x] ?? 0] ?? ' ');
      return cells.join('').trimEnd();
    });
  }
}
