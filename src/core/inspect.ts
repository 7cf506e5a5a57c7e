import { type Delimiter, detectDelimiter } from './csv/dialect.ts';
import { chooseEncoding, createTranscoder, decodeUtf8, type Encoding } from './csv/encoding.ts';
import { readHeader } from './csv/read.ts';
import { LF, LineCounter } from './csv/lines.ts';
import { notText } from './csv/faults.ts';
import { RecordSplitter, type Segment } from './csv/split.ts';
import { VaultError } from './errors.ts';

/** What a person may say of a file, instead of having it found out. */
export interface DialectOptions {
  readonly encoding?: Encoding;
  readonly delimiter?: Delimiter;
}

/** What the first 64 KiB of a file tell. */
export interface Inspection {
  readonly encoding: Encoding;
  readonly byteOrderMarkLength: number;
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  /** CRLF if the header ends in CRLF, else LF: how the output's records end. */
  readonly outputLineEnd: '\n' | '\r\n';
}

/**
 * Finds encoding, delimiter and header from the head of a file.
 * @param head the first 64 KiB, or the whole file where it is shorter
 * @param whole whether the file ends with the head
 * @throws VaultError `not-text`, `encoding-invalid` for the head, `empty`, `header-too-long`, and for
 *   the header record `quote-text-after`, `quote-unterminated`
 */
export function inspectHead(
  head: Uint8Array,
  whole: boolean,
  options: DialectOptions = {},
): Inspection {
  const { encoding, byteOrderMarkLength } = chooseEncoding(head, options.encoding);
  const transcoder = createTranscoder(encoding);
  assertNoArchive(head);
  const text = transcoder.push(head.subarray(byteOrderMarkLength));
  assertText(text);
  if (whole) transcoder.finish();
  // The last line may be cut in the middle of a character.
  decodeUtf8(whole ? text : text.subarray(0, text.lastIndexOf(LF) + 1), 1);
  const delimiter = options.delimiter ?? detectDelimiter(text, whole);
  const { segment, fields } = splitHeader(text, whole, delimiter);
  return {
    encoding,
    byteOrderMarkLength,
    delimiter,
    header: readHeader(segment, delimiter, fields),
    outputLineEnd: segment.runs[0]?.lineEnd === '\r\n' ? '\r\n' : '\n',
  };
}

/** Excel workbooks and zip archives begin with the bytes of a zip entry. */
function assertNoArchive(head: Uint8Array): void {
  if (![0x50, 0x4b, 0x03, 0x04].every((byte, i) => head[i] === byte)) return;
  throw new VaultError(
    'not-text',
    'an Excel workbook or a zip archive: expected a CSV file; in Excel, save as "CSV UTF-8"',
    { rule: 'archive' },
  );
}

/** A NUL tells what is no text before its bytes are found to be invalid in some encoding. */
function assertText(head: Uint8Array): void {
  const nul = head.indexOf(0);
  if (nul < 0) return;
  const lines = new LineCounter();
  for (const byte of head.subarray(0, nul)) lines.see(byte);
  throw notText(lines.line);
}

function splitHeader(
  head: Uint8Array,
  whole: boolean,
  delimiter: string,
): { segment: Segment; fields: number } {
  const splitter = new RecordSplitter({ delimiter });
  const segments: Segment[] = [];
  try {
    segments.push(...splitter.push(head));
    if (whole) segments.push(...splitter.finish());
  } catch (error) {
    // What is wrong below the header is told by the run, which gets there in its turn.
    segments.push(...splitter.takeBeforeFault());
    if (segments.length === 0) throw error;
  }
  const [segment] = segments;
  if (segment === undefined || splitter.fields === undefined) {
    throw new VaultError(
      'header-too-long',
      'the header does not end in the first 64 KiB: expected a shorter one; is a quote never closed?',
      { line: 1, rule: 'header' },
    );
  }
  return { segment, fields: splitter.fields };
}
