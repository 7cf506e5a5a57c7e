import type { ColumnReport, FileChoices, Report } from '../../src/protocol.ts';
import type { Review } from '../../src/core/review.ts';

/** A report as a run of 800 rows might give it: every kind of note occurs. */
export function fakeReport(
  file: File,
  choices: FileChoices,
  review: Review,
  keyFingerprint: string,
): Report {
  const columns = review.columns.map(
    ({
      index,
      header,
      outputHeader,
      column,
      action,
      prefix,
      rule,
      decidedBy,
      exempt,
    }): ColumnReport => ({
      index,
      header: header ?? '',
      outputHeader,
      column,
      action,
      ...(prefix === undefined ? {} : { prefix }),
      ...(rule === undefined ? {} : { rule }),
      decidedBy,
      ...(exempt === undefined ? {} : { exempt }),
      ...(action === 'tokenize'
        ? { counts: { tokenized: 796, empty: 4, alreadyTokens: 0, padded: index === 1 ? 2 : 0 } }
        : {}),
      ...(action === 'tokenize' ? { distinct: 412 } : {}),
      ...(action === 'tokenize' && index === 1 ? { rows: { padded: [17, 402] } } : {}),
      ...(action === 'generalize'
        ? {
            counts: {
              generalized: 781,
              empty: 1,
              repaired: rule === 'zip3' ? 14 : 0,
              suppressed: 4,
            },
            rows: { suppressed: [3, 17, 204, 799] },
          }
        : {}),
    }),
  );
  return {
    tool: { name: 'velora-vault', version: '1.0.0' },
    specification: 1,
    product: choices.product,
    schemaVersion: '1.0.0',
    catalogueVersion: '1.0.0',
    keyFingerprint,
    engine: 'kernel+webcrypto',
    rows: 800,
    durationMs: 412,
    options: {
      unknown: 'fail',
      acceptHeader: choices.acceptHeader,
      allowTokens: choices.allowTokens,
      safeHarbor: choices.safeHarbor,
      referenceYear: choices.safeHarbor ? (choices.referenceYear ?? null) : null,
    },
    input: {
      bytes: file.size,
      sha256: '9f2c41d07be8a35566f10c9a3b7d2e8418c5f6a07d3b92e1c4a8f0675d31e9b2',
      encoding: review.encoding,
      delimiter: review.delimiter,
    },
    output: {
      bytes: Math.round(file.size * 1.3),
      sha256: '1c7be40a96f3d25817a2c0e94f6b3d8125e7a9c0b4d6f8123a5c7e9f0b2d4681',
    },
    map: { entries: 3012 },
    columns,
    repeatedColumns: review.repeated,
    remarks: [
      'The output is tokenized. It is not de-identified under Safe Harbor: service dates stay.',
    ],
  };
}
