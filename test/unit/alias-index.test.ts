import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AliasForms } from '../../src/core/alias-forms.ts';
import {
  type AliasTarget,
  analyticsAliases,
  identifierAliases,
} from '../../src/core/alias-index.ts';
import { comparable, expandAlias, type Vocabulary } from '../../src/core/aliases.ts';
import { catalogue, type Column, products, vocabularies } from '../../src/core/schema.ts';

type Index = Pick<AliasForms<AliasTarget>, 'get'>;

/** Every form of every alias, in a map where the last one stays: what the index has to equal. */
function expanded(source: Column['source'], columns: readonly Column[]): Map<string, AliasTarget> {
  const forms = new Map<string, AliasTarget>();
  const add = (name: string, patterns: readonly string[], saysZip3: boolean): void => {
    for (const pattern of patterns) {
      for (const form of expandAlias(pattern, vocabularies[source])) {
        forms.set(comparable(form), { name, saysZip3 });
      }
    }
  };
  for (const column of columns.filter((candidate) => candidate.source === source)) {
    add(column.name, [column.name, ...column.aliases], false);
    if (column.source === 'catalogue') add(column.name, column.generalizedAliases ?? [], true);
  }
  return forms;
}

const pairs: [string, Index, Map<string, AliasTarget>][] = [
  ['the catalogue', identifierAliases(), expanded('catalogue', [...catalogue.values()])],
  ...[...products.values()].map((product): [string, Index, Map<string, AliasTarget>] => [
    product.slug,
    analyticsAliases(product),
    expanded('analytics', product.columns),
  ]),
];

const near = ['a', 'd', 'e', 'i', 'm', 'n', 'o', 'p', 'r', 's', 't', '1', '_', '{', 'é', '😀'];

/** A form with one character removed, added or changed. */
function nearMiss(form: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(form.length), fc.constantFrom(0, 1), fc.constantFrom('', ...near))
    .map(([at, removed, added]) => form.slice(0, at) + added + form.slice(at + removed));
}

/** A form of the map: a position, so that a failure does not print tens of thousands. */
function formOf(forms: ReadonlyMap<string, AliasTarget>): fc.Arbitrary<string> {
  const all = [...forms.keys()];
  return fc.nat(all.length - 1).map((at) => all[at] ?? '');
}

test.each(pairs)('%s: every form of every alias is found as in a full expansion', (...pair) => {
  const [, index, forms] = pair;
  expect(forms.size).toBeGreaterThan(600);
  const wrong = [...forms].filter(([form, { name, saysZip3 }]) => {
    const found = index.get(form);
    return found?.name !== name || found.saysZip3 !== saysZip3;
  });
  expect(wrong).toEqual([]);
});

test.each(pairs)('%s: every form without one of its characters, likewise', (...pair) => {
  const [, index, forms] = pair;
  const wrong = [...forms.keys()].filter((form, i) => {
    const at = i % form.length;
    const shorter = form.slice(0, at) + form.slice(at + 1);
    return index.get(shorter)?.name !== forms.get(shorter)?.name;
  });
  expect(wrong).toEqual([]);
});

test.each(pairs)('%s: what is nearly a form, or no form at all, likewise', (...pair) => {
  const [, index, forms] = pair;
  const form = formOf(forms);
  const text = fc.oneof(
    form.chain(nearMiss),
    form.chain(nearMiss).chain(nearMiss),
    fc.tuple(form, form).map(([one, other]) => one + other),
    fc
      .tuple(form, form, fc.nat(12), fc.nat(12))
      .map(([one, other, from, to]) => one.slice(0, from) + other.slice(to)),
    form.map((word) => word.slice(1)),
    form.map((word) => word.toUpperCase()),
    fc.string(),
    fc.string({ unit: fc.constantFrom(...near) }),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      expect(index.get(candidate)).toEqual(forms.get(candidate));
    }),
    { numRuns: 4000 },
  );
});

test('of any patterns, the one added last decides', () => {
  const literal = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 3 });
  const part = fc.oneof(literal, fc.constantFrom('{x}', '{y}', '{none}'));
  const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
  const words = fc.array(literal, { maxLength: 4 });
  const vocabulary: fc.Arbitrary<Vocabulary> = fc.record({
    x: words,
    y: words,
    none: fc.constantFrom([], ['']),
  });
  const form = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(
      vocabulary,
      fc.array(pattern, { maxLength: 8 }),
      fc.array(form),
      (listed, patterns, others) => {
        const index = new AliasForms<number>(listed);
        const forms = new Map<string, number>();
        for (const [i, each] of patterns.entries()) {
          index.add(each, i);
          for (const one of expandAlias(each, listed)) forms.set(comparable(one), i);
        }
        for (const one of [...forms.keys(), ...others, '']) {
          expect(index.get(one)).toBe(forms.get(one));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test.each(['{nonesuch}', 'a_{x}_{nonesuch}_b', 'a_{x', '{'])('%s is a defect', (pattern) => {
  const index = new AliasForms<number>({ x: ['a'] });
  expect(() => {
    index.add(pattern, 0);
  }).toThrow('unknown slot');
});

test('a header of any length is answered at once', () => {
  const start = performance.now();
  for (const word of ['patient', 'name', 'a', 'patientname']) {
    const hostile = word.repeat(1_000_000);
    expect(identifierAliases().get(hostile)).toBeUndefined();
  }
  expect(performance.now() - start).toBeLessThan(500);
});
