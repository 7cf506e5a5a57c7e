import type { RefusedKind } from './model.ts';

const kinds: readonly (readonly [RegExp, RefusedKind])[] = [
  [/\.(xlsx?|xlsm|xlsb|ods|numbers)$/i, 'workbook'],
  [/\.(zip|7z|rar|tar|tgz|bz2|xz|zst)$/i, 'archive'],
  [/\.tar\.gz$/i, 'archive'],
  [/\.(pdf|docx?|rtf|png|jpe?g|html?)$/i, 'document'],
];

/** Names that the page takes: `.csv`, `.txt`, `.tsv`, each also as `.gz`. For the file picker. */
export const acceptedTypes = [
  '.csv',
  '.txt',
  '.tsv',
  '.gz',
  'text/csv',
  'text/tab-separated-values',
];

/** Local maps and mapping files. For the file picker. */
export const jsonTypes = ['.json', 'application/json'];

/**
 * Why a file is not taken, or null where it is. By its name only: what a file with a right name
 * holds is told by its preview.
 */
export function refusalOf(file: {
  readonly name: string;
  readonly size: number;
}): RefusedKind | null {
  const named = kinds.find(([pattern]) => pattern.test(file.name));
  if (named !== undefined) return named[1];
  if (!/\.(csv|txt|tsv)(\.gz)?$/i.test(file.name)) return 'other';
  return file.size === 0 ? 'nothing' : null;
}
