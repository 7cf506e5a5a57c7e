import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import safeHarbor from '../../schemas/safe-harbor.json' with { type: 'json' };
import type { Tally } from './tally.ts';

type Lists = Readonly<Record<string, { readonly prefixes?: readonly string[] } | undefined>>;

/** The three-digit ZIP areas of at most 20,000 people: the union of two censuses. */
export async function checkRestrictedZip3(folder: string, tally: Tally): Promise<void> {
  tally.section('Restricted three-digit ZIP areas');
  const lists = JSON.parse(await readFile(join(folder, 'restricted_zip3.json'), 'utf8')) as Lists;
  const union = new Set<string>();
  for (const census of ['census2000', 'census2020']) {
    const prefixes = lists[census]?.prefixes ?? [];
    tally.check(prefixes.length > 0, census, 'no list');
    for (const prefix of prefixes) union.add(prefix);
  }
  const ours = [...safeHarbor.restrictedZip3.prefixes].sort();
  tally.check(
    JSON.stringify(ours) === JSON.stringify([...union].sort()),
    'union of 2000 and 2020',
    `${String(ours.length)} here, ${String(union.size)} there`,
  );
  tally.say(`  ${String(union.size)} areas`);
}
