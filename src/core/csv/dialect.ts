import { VaultError } from '../errors.ts';
import { RecordSplitter } from './split.ts';

/** In the order that decides a tie: what is rarer inside values comes first. */
export const delimiters = ['\t', '|', ';', ','] as const;
export type Delimiter = (typeof delimiters)[number];

/** Bytes of the file that detection looks at. */
export const headLength = 64 * 1024;
const furtherRecords = 100;

const delimiterNames: Readonly<Record<string, Delimiter>> = {
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  semicolon: ';',
  comma: ',',
};

/** @throws VaultError `option-invalid` for anything but the four, by character or by name */
export function delimiterOf(text: string): Delimiter {
  const known =
    delimiters.find((delimiter) => delimiter === text) ?? delimiterNames[text.toLowerCase()];
  if (known === undefined) {
    throw new VaultError(
      'option-invalid',
      'unknown delimiter: expected comma, semicolon, tab or pipe',
    );
  }
  return known;
}

interface Trial {
  readonly delimiter: Delimiter;
  readonly fields: number;
  readonly fits: boolean;
}

function tryDelimiter(delimiter: Delimiter, head: Uint8Array, whole: boolean): Trial {
  const splitter = new RecordSplitter({ delimiter });
  let broken = false;
  try {
    splitter.push(head);
    if (whole) splitter.finish();
  } catch {
    broken = splitter.records < 1 + furtherRecords;
  }
  const fields = splitter.fields ?? 0;
  return { delimiter, fields, fits: !broken && fields >= 2 };
}

/**
 * Finds the delimiter: of the four, those under which the header and the further complete records
 * (at most 100) all have the same number of fields, two or more; of these the one with the most
 * fields. When none fits, the one with the most fields in the header; when there is none, comma.
 * @param head UTF-8, the file's first 64 KiB
 * @param whole whether the file ends with the head
 */
export function detectDelimiter(head: Uint8Array, whole: boolean): Delimiter {
  const trials = delimiters.map((delimiter) => tryDelimiter(delimiter, head, whole));
  const fitting = trials.filter(({ fits }) => fits);
  const candidates = fitting.length > 0 ? fitting : trials.filter(({ fields }) => fields >= 2);
  const best = candidates.reduce<Trial | undefined>(
    (most, trial) => (most === undefined || trial.fields > most.fields ? trial : most),
    undefined,
  );
  return best?.delimiter ?? ',';
}
