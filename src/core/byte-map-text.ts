import { QUOTE } from './byte-field.ts';
import { tokenLength } from './token.ts';

const encoder = new TextEncoder();
const separator = encoder.encode('": "');

/** What JSON writes for each ASCII character that it does not write as it is. */
const escapes = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  const written = JSON.stringify(character).slice(1, -1);
  return written === character ? undefined : encoder.encode(written);
});
const mustEscape = Uint8Array.from({ length: 256 }, (_, code) =>
  escapes[code] === undefined ? 0 : 1,
);
const longestEscape = 6;

/** Bytes that map entries may take, whose values stand in a stretch of bytes. */
export function mapTextBound(count: number, bytes: Uint8Array, from: number, to: number): number {
  let escaped = 0;
  for (let i = from; i < to; i += 1) escaped += mustEscape[bytes[i] as number] as number;
  return count * (tokenLength + separator.length + 2) + to - from + (longestEscape - 1) * escaped;
}

/**
 * Writes `"<token>": "<original>"` as JSON has it.
 * @returns the offset after it
 */
export function writeMapEntry(
  out: Uint8Array,
  at: number,
  tokens: Uint8Array,
  tokenAt: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let length = at;
  out[length] = QUOTE;
  length += 1;
  for (let i = 0; i < tokenLength; i += 1) out[length + i] = tokens[tokenAt + i] as number;
  length += tokenLength;
  for (let i = 0; i < separator.length; i += 1) out[length + i] = separator[i] as number;
  length += separator.length;
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i] as number;
    if (mustEscape[byte] === 0) {
      out[length] = byte;
      length += 1;
    } else {
      const written = escapes[byte] as Uint8Array;
      out.set(written, length);
      length += written.length;
    }
  }
  out[length] = QUOTE;
  return length + 1;
}
