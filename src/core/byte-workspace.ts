import type { Segment } from './csv/split.ts';
import { CR, LF } from './csv/lines.ts';
import { QUOTE } from './byte-field.ts';
import { columnUse, KEEP, TOKENIZE } from './byte-columns.ts';
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
  readonly #kept: number;

  constructor(treatments: readonly Treatment[]) {
    const uses = treatments.map(columnUse);
    this.#tokenized = uses.filter((use) => use === TOKENIZE).length;
    this.#kept = uses.filter((use) => use === KEEP).length;
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

    // A token takes the room of a cell of one byte or more, and so do two quotes.
    const cells = Math.min(this.#tokenized * records, (length + 1) >> 1);
    const quoted = Math.min(this.#kept * records, (length + 1) >> 1);
    const outRoom = 2 * length + tokenLength * cells + 2 * quoted + 2 * records + padding;
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
