/** Rows of made-up claims, all different, in pieces of about `pieceRows` rows. */
export function* claimRows(
  rows: number,
  form: 'original' | 'tokenized',
  pieceRows = 2000,
): Generator<Uint8Array, void, undefined> {
  yield Buffer.from('member_id,patient_last_name,dob,zip,units\n');
  for (let from = 0; from < rows; from += pieceRows) {
    let text = '';
    for (let i = from; i < Math.min(rows, from + pieceRows); i += 1) text += lines[form](i);
    yield Buffer.from(text);
  }
}

const hex = (i: number): string => i.toString(16).padStart(16, '0');

const lines = {
  original: (i: number): string =>
    `M${String(i).padStart(8, '0')},Zebra${String(i)},1980-01-02,78701,${String(i % 9)}\n`,
  tokenized: (i: number): string => `MBR_${hex(i)},NAM_${hex(i * 7)},1980,787,${String(i % 9)}\n`,
} as const;

/** Bytes of a row of `claimRows`, about. */
export const rowBytes = { original: 38, tokenized: 53 } as const;
