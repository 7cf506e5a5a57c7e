/** Code of the characters that end a line. */
export const LF = 0x0a;
export const CR = 0x0d;

/**
 * Counts lines as a text editor does: LF, CRLF and CR each end one, inside quotes too.
 * Fed one code unit or byte at a time.
 */
export class LineCounter {
  #line: number;
  #afterCr = false;

  constructor(firstLine = 1) {
    this.#line = firstLine;
  }

  /** Number of the line that the next character is on. */
  get line(): number {
    return this.#line;
  }

  see(code: number): void {
    if (code === CR || (code === LF && !this.#afterCr)) this.#line += 1;
    this.#afterCr = code === CR;
  }
}

/** Lines that a text ends: as many as it has line ends. */
export function countLineEnds(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === CR || (code === LF && text.charCodeAt(i - 1) !== CR)) count += 1;
  }
  return count;
}
