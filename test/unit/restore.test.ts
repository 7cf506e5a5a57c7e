import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreCsv } from '../../src/core/restore.ts';
import { readTokenMap } from '../../src/core/token-map.ts';
import { Collector, sourceOf, utf8 } from '../support/streams.ts';
import { tokenizeText } from '../support/tokenize.ts';

async function restore(csv: string, map: string, chunkSize = 1 << 20): Promise<string> {
  const output = new Collector();
  await restoreCsv({
    source: sourceOf(utf8(csv), chunkSize),
    map: sourceOf(utf8(map), chunkSize),
    output: output.stream,
  });
  return output.text;
}

test('what was tokenized comes back, whatever the values are', async () => {
  const value = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      async (rows, chunkSize) => {
        const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const csv = `member_id,patient_name\n${rows.map((row) => row.map(quote).join(',')).join('\n')}\n`;
        const { output, map } = await tokenizeText(csv);
        const restored = await restore(output, map, chunkSize);
        // Tokenizing again gives the same tokens: the originals are the same, however they are quoted.
        expect((await tokenizeText(restored)).output).toBe(output);
      },
    ),
    { numRuns: 100 },
  );
});

test('tokens come back in any column; those the map does not hold are counted and left', async () => {
  const known = 'MBR_0123456789abcdef';
  const output = new Collector();
  const result = await restoreCsv({
    source: sourceOf(utf8(`a,b\n${known},x\nSUB_0123456789abcdef,${known}\n`)),
    map: sourceOf(utf8(`{"${known}":"O\\"Neil, \\u00e9"}`)),
    output: output.stream,
  });
  expect(output.text).toBe(`a,b\n"O""Neil, é",x\nSUB_0123456789abcdef,"O""Neil, é"\n`);
  expect(result).toEqual({ rows: 2, restored: 2, unknownTokens: 1 });
});

describe('a map', () => {
  const token = 'MBR_0123456789abcdef';

  test.each([1, 2, 3, 1000])('is read in chunks of %d, however it is indented', async (size) => {
    const text = JSON.stringify({ [token]: 'a"b\\c\n😀', SUB_00000000000000ff: '' }, null, 4);
    const map = await readTokenMap(sourceOf(utf8(text), size));
    expect(map.size).toBe(2);
    expect(map.get(token)).toBe('a"b\\c\n😀');
    expect(map.get('SUB_00000000000000ff')).toBe('');
    expect(map.get('SUB_0123456789abcdef')).toBeUndefined();
  });

  test.each([
    '',
    '[]',
    '{',
    `{"${token}"}`,
    `{"${token}": 1}`,
    `{"${token}": "a"`,
    `{"${token}": "a",}`,
    `{"${token}": "a"} x`,
    '{"Ann Example": "a"}',
    `{"${token}": "a", "${token}": "b"}`,
  ])('that is none is refused without its text: %s', async (text) => {
    const error = await readTokenMap(sourceOf(utf8(text))).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ code: 'map-invalid' });
    expect(error?.message).not.toContain('Ann');
  });

  test('with more prefixes than there can be is refused: none may stand for another', async () => {
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const prefixes = letters.flatMap((a) => letters.map((b) => `${a}${b}X`)).slice(0, 257);
    const map = Object.fromEntries(
      prefixes.map((prefix) => [`${prefix}_0000000000000000`, prefix]),
    );
    await expect(readTokenMap(sourceOf(utf8(JSON.stringify(map))))).rejects.toMatchObject({
      code: 'map-invalid',
    });
  });

  test('a token twice with one original is no contradiction', async () => {
    const text = `{"${token}": "A", "${token}": "\\u0041"}`;
    expect((await readTokenMap(sourceOf(utf8(text)))).get(token)).toBe('A');
  });
});
