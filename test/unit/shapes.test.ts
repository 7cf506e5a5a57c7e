import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, firstShapes, shapeOf } from '../../src/core/shapes.ts';

describe('the shape of a value', () => {
  test.each([
    ['219-09-9999', '999-99-9999'],
    ['Zoë', 'Aaa'],
    ["O'Hara, Bo", "A'Aaaa, Aa"],
    [' 1EG4-TE5-MK73', ' 9AA9-AA9-AA99'],
    ['ÉCOLE', 'AAAAA'],
    ['王小明', 'aaa'],
    ['٣٤٥', '999'],
    ['e\u0301', 'aa'],
    ['$1,643.99', '$9,999.99'],
    ['a\tb\r\nc', 'a a  a'],
    ['a\u202eb\u0000', 'a·a·'],
    ['Ⓐ🇺🇸½', '···9'],
    ['', ''],
  ])('%j is %j', (value, shape) => {
    expect(shapeOf(value)).toBe(shape);
  });

  test('a long one is cut', () => {
    expect(shapeOf('a'.repeat(24))).toBe('a'.repeat(24));
    expect(shapeOf('1'.repeat(25))).toBe(`${'9'.repeat(23)}…`);
    expect(shapeOf('x1'.repeat(1 << 20))).toHaveLength(24);
  });

  test('holds no letter and no digit of its own, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const own = shapeOf(value).replace(/[9Aa]/g, '');
        expect(own).not.toMatch(/[\p{L}\p{M}\p{N}\p{Cc}\p{Cf}]/u);
        expect(own).not.toMatch(/\p{Alphabetic}/u);
      }),
      { numRuns: 2000 },
    );
  });

  test('two values that differ in letters and digits only have the same one', () => {
    const twins = [
      ['a', 'z'],
      ['Q', 'B'],
      ['3', '8'],
      ['é', 'ü'],
      ['中', '文'],
      ['-', '-'],
      [' ', ' '],
    ] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...twins)), (pairs) => {
        const [one, other] = [0, 1].map((side) => pairs.map((pair) => pair[side]).join(''));
        expect(shapeOf(one ?? '')).toBe(shapeOf(other ?? ''));
      }),
    );
  });
});

test('the first three different shapes are told, those of empty cells apart', () => {
  expect(firstShapes(['', 'A1', 'B2', '', 'x', '1-2', 'y z'])).toEqual(['A9', 'a', '9-9']);
  expect(firstShapes(['', ''])).toEqual([]);
});

test('text is cut between characters', () => {
  expect(cutText('abc', 3)).toBe('abc');
  expect(cutText('abcd', 3)).toBe('ab…');
  expect(cutText('😀😀😀', 3)).toBe('😀😀😀');
  expect(cutText('😀😀😀😀', 3)).toBe('😀😀…');
});
