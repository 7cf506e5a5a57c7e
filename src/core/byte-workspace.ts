import type { Segment } from './csv/split.ts';
import { CR, LF } from './csv/lines.ts';
import { QUOTE } from './byte-field.ts';
import { tokenLength } from './token.ts';
import type { Treatment } from './treatment.ts';

/** Stops every search that goes beyond the segment, then room to read words at any offset. */
const guard = [LF, QUOTE, LF, CR];
const padding = 16;
/** Room beyond this is given back once the segment is done: only a giant record needs it. */
const keptRoom = 1 << 25;

/** Room that an engine uses for one segment after the other. What leaves the engine is a copy. */
export class Workspace {
  /** The segment and what guards its end. Fields are unescaped in it. */
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  words = new Uint32Array(0);
  out = new Uint8Array(0);
  outView = new DataView(this.out.buffer);
  /** Where room was left for tokens: an offset in `out` and an entry by turns. */
  rooms = new Int32Array(0);
  readonly #tokenized: number;

  constructor(treatments: readonly Treatment[]) {
    this.#tokenized = treatments.filter(({ kind }) => kind === 'tokenize').length;
  }

  load({ bytes, records }: Segment): void {
    const { length } = bytes;
    const inRoom = length + guard.length + padding;
    if (tooSmallOrLarge(this.bytes.length, inRoom)) {
      // Whole words.
      this.bytes = new Uint8Array((inRoom + (inRoom >> 2) + 7) & ~7);
      this.view = new DataView(this.bytes.buffer);
      this.words = new Uint32Array(this.bytes.buffer);
    }
    this.bytes.set(bytes);
    this.bytes.set(guard, length);

    // With its delimiter or line end, a cell that is quoted becomes twice as long at most, and one
    // that is tokenized by a token longer. Empty cells stay empty, so every other byte is a limit.
    // A record may get CRLF where it had LF.
    const cells = Math.min(this.#tokenized * records, (length + 1) >> 1);
    const outRoom = 2 * length + records + tokenLength * cells + padding;
    if (tooSmallOrLarge(this.out.length, outRoom)) {
      this.out = new Uint8Array(outRoom + (outRoom >> 2));
      this.outView = new DataView(this.out.buffer);
    }
    if (tooSmallOrLarge(this.rooms.length, 2 * cells)) this.rooms = new Int32Array(2 * cells);
  }
}

function tooSmallOrLarge(room: number, needed: number): boolean {
  return room < needed || (room > keptRoom && room > 4 * needed);
}
