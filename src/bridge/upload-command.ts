import type { UploadCommandRequest } from './contract.ts';

/** The environment variable that the guide of the command line names, too. */
const tokenVariable = 'VELORA_UPLOAD_TOKEN';

/**
 * The same upload as a command line, ready to be pasted into a shell. It says of the file what a
 * person has decided, since the command checks it afresh; the token comes from the environment, so
 * that it stands in no history.
 */
export function uploadCommand({
  run: { report, neutralName },
  product,
  origin,
  idempotent,
}: UploadCommandRequest & {
  /** Whether the receiver knows `Idempotency-Key`. */
  readonly idempotent: boolean;
}): string {
  const leaving = report.columns.filter(({ outputHeader }) => outputHeader !== null);
  // Where nothing that is treated leaves, no header of the output need be one that is known.
  const known = leaving.some(({ action }) => action === 'tokenize' || action === 'generalize');
  const words = [
    ...['velora-vault', 'upload', '--product', product, '--url', origin],
    ...['--token-env', tokenVariable],
    ...(report.options.acceptHeader || !known ? ['--accept-header'] : []),
    ...leaving.flatMap(({ exempt }, i) => (exempt === true ? ['--keep', `#${String(i + 1)}`] : [])),
    ...(idempotent ? ['--idempotency-key'] : []),
    // A name that begins with a dash would be taken for an option.
    neutralName.startsWith('-') ? `./${neutralName}` : neutralName,
  ];
  return words.map(quoted).join(' ');
}

/** A word as POSIX shells read it back, unchanged. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
