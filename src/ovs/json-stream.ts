/**
 * Cuts a stream of JSON objects that follow each other without a separator, as RFC 7047 section 4 sends them,
 * into whole texts. Braces inside strings do not count.
 */
export class JsonStream {
  private text = '';
  private position = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** Takes more text and answers the objects that are complete with it. */
  push(chunk: string): string[] {
    this.text += chunk;
    const complete: string[] = [];
    let start = 0;
    for (; this.position < this.text.length; this.position++) {
      const character = this.text[this.position];
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (character === '\\') this.escaped = true;
        else if (character === '"') this.inString = false;
      } else if (character === '"') this.inString = true;
      else if (character === '{') this.depth++;
      else if (character === '}' && --this.depth === 0) {
        complete.push(this.text.slice(start, this.position + 1));
        start = this.position + 1;
      }
    }
    this.text = this.text.slice(start);
    this.position -= start;
    return complete;
  }
}
