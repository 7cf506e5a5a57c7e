import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedTable } from '../../src/core/packed-table.ts';

test('does what a Map does, with keys that share slots', () => {
  const key = fc.record({
    tag: fc.integer({ min: 1, max: 255 }),
    high: fc.constantFrom(0, 1, 0x01000000, 0xffffffff),
    low: fc.constantFrom(0, 16, 32, 48, 0xfffffff0, 7),
  });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 400 }), (keys) => {
      const table = new PackedTable();
      const model = new Map<string, number>();
      keys.forEach(({ tag, high, low }, i) => {
        const name = `${String(tag)}/${String(high)}/${String(low)}`;
        const earlier = model.get(name);
        const found = table.add(tag, high, low, i, 0xffffffff);
        expect(found).toEqual(earlier === undefined ? undefined : [earlier, 0xffffffff]);
        if (earlier === undefined) model.set(name, i);
        expect(table.get(tag, high, low)?.[0]).toBe(model.get(name));
      });
      expect(table.size).toBe(model.size);
      expect(table.get(1, 5, 5)).toBeUndefined();
    }),
  );
});

test('grows past many entries', () => {
  const table = new PackedTable();
  const mix = (i: number): number => Math.imul(i, 0x9e3779b1) >>> 0;
  for (let i = 0; i < 200_000; i += 1) table.add(1, mix(i), mix(i + 1), i, ~i >>> 0);
  expect(table.size).toBe(200_000);
  for (let i = 0; i < 200_000; i += 997) {
    expect(table.get(1, mix(i), mix(i + 1))).toEqual([i, ~i >>> 0]);
  }
});
