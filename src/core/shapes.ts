/** Characters of a shape at most; a longer one ends in `…`. */
const longestShape = 24;
const shapesKept = 3;

const upper = /[\p{Lu}\p{Lt}]/u;
const letter = /[\p{L}\p{M}]/u;
const number = /\p{N}/u;
const shown = /[\p{P}\p{Sc}]/u;

/**
 * The shape of a value, which shows its form and none of it: digits become `9`, upper-case letters
 * `A`, all others `a`; punctuation and blanks stay. Whatever else there is, such as a symbol that
 * stands for a letter, becomes `·`.
 */
export function shapeOf(value: string): string {
  let shape = '';
  let length = 0;
  for (const character of value) {
    length += 1;
    if (length > longestShape) return `${shape.slice(0, -1)}…`;
    shape += masked(character);
  }
  return shape;
}

function masked(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) {
    if (code >= 0x30 && code <= 0x39) return '9';
    if (code >= 0x41 && code <= 0x5a) return 'A';
    if (code >= 0x61 && code <= 0x7a) return 'a';
    if (code > 0x20 && code < 0x7f) return character;
    return code === 0x20 || (code >= 0x09 && code <= 0x0d) ? ' ' : '·';
  }
  if (upper.test(character)) return 'A';
  if (letter.test(character)) return 'a';
  if (number.test(character)) return '9';
  return shown.test(character) ? character : '·';
}

/** Up to three different shapes of the values that are not empty, as they come. */
export function firstShapes(values: Iterable<string>): string[] {
  const shapes = new Set<string>();
  for (const value of values) {
    if (value !== '') shapes.add(shapeOf(value));
    if (shapes.size === shapesKept) break;
  }
  return [...shapes];
}

/** Text of at most so many characters; a longer one ends in `…`. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = Array.from(text.slice(0, 2 * longest + 2));
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
