import type { VaultErrorCode } from '../core/errors.ts';

/** What the command's exit code says. Documented in `--help` and in docs/command-line.md. */
export const exitCodes = {
  done: 0,
  other: 1,
  wrongUse: 2,
  refused: 3,
  secret: 4,
} as const;

/** The exit code for each way a run can end badly. */
export const exitCodeOf: Readonly<Record<VaultErrorCode, number>> = {
  'option-invalid': exitCodes.wrongUse,
  'secret-missing': exitCodes.secret,
  'secret-invalid': exitCodes.secret,
  'product-unknown': exitCodes.refused,
  'input-unreadable': exitCodes.refused,
  empty: exitCodes.refused,
  'not-text': exitCodes.refused,
  'encoding-invalid': exitCodes.refused,
  'header-too-long': exitCodes.refused,
  'header-not-accepted': exitCodes.refused,
  ragged: exitCodes.refused,
  'quote-unterminated': exitCodes.refused,
  'quote-text-after': exitCodes.refused,
  'record-too-long': exitCodes.refused,
  'tokens-found': exitCodes.refused,
  'suspect-undecided': exitCodes.refused,
  'unknown-columns': exitCodes.refused,
  'no-columns-left': exitCodes.refused,
  'output-check': exitCodes.refused,
  'token-collision': exitCodes.refused,
  'map-invalid': exitCodes.refused,
  'output-exists': exitCodes.refused,
  'output-is-input': exitCodes.refused,
  'output-unwritable': exitCodes.refused,
  'output-closed': exitCodes.refused,
  'mapping-invalid': exitCodes.refused,
  'browser-unsupported': exitCodes.other,
  'walls-open': exitCodes.other,
  'storage-full': exitCodes.refused,
  'worker-ended': exitCodes.other,
  'upload-refused': exitCodes.refused,
  'upload-unreachable': exitCodes.refused,
  'upload-unanswered': exitCodes.refused,
  cancelled: exitCodes.other,
  internal: exitCodes.other,
};
