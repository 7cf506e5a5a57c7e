/**
 * Every way a run can end badly. The set is closed: shells map each code to an exit code or a
 * status, and a code outside this list does not compile.
 */
export const vaultErrorCodes = [
  'option-invalid',
  'secret-missing',
  'secret-invalid',
  'product-unknown',
  'input-unreadable',
  'empty',
  'not-text',
  'encoding-invalid',
  'header-too-long',
  'header-not-accepted',
  'ragged',
  'quote-unterminated',
  'quote-text-after',
  'record-too-long',
  'tokens-found',
  'suspect-undecided',
  'unknown-columns',
  'no-columns-left',
  'output-check',
  'token-collision',
  'map-invalid',
  'output-exists',
  'output-is-input',
  'output-unwritable',
  'output-closed',
  'mapping-invalid',
  'browser-unsupported',
  'walls-open',
  'storage-full',
  'worker-ended',
  'upload-refused',
  'upload-unreachable',
  'upload-unanswered',
  'request-refused',
  'receiver-unusable',
  'cancelled',
  'internal',
] as const;

export type VaultErrorCode = (typeof vaultErrorCodes)[number];

/** Where in the input an error lies. Lines and columns count from 1; a row is a data row from 1. */
export interface ErrorPlace {
  readonly line?: number;
  readonly row?: number;
  readonly column?: number;
  /** The header's text: only ever set after the person has accepted the first record as header. */
  readonly header?: string;
  /** The rule that was broken, as a short stable name. */
  readonly rule?: string;
}

/** The form in which an error crosses a thread or a process: a structured-cloneable object. */
export interface PlainVaultError extends ErrorPlace {
  readonly name: 'VaultError';
  readonly code: VaultErrorCode;
  readonly message: string;
}

/**
 * The one error class. A message says what was expected and where, and never repeats a cell's
 * value, the secret or a token: callers pass positions, rules and headers only.
 */
export class VaultError extends Error implements PlainVaultError {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;
  readonly line?: number;
  readonly row?: number;
  readonly column?: number;
  readonly header?: string;
  readonly rule?: string;

  constructor(code: VaultErrorCode, message: string, place: ErrorPlace = {}) {
    super(message);
    this.code = code;
    Object.assign(this, place);
  }

  /** A structured-cloneable copy, without the stack. */
  toPlain(): PlainVaultError {
    const place: ErrorPlace = {
      ...(this.line === undefined ? {} : { line: this.line }),
      ...(this.row === undefined ? {} : { row: this.row }),
      ...(this.column === undefined ? {} : { column: this.column }),
      ...(this.header === undefined ? {} : { header: this.header }),
      ...(this.rule === undefined ? {} : { rule: this.rule }),
    };
    return { name: this.name, code: this.code, message: this.message, ...place };
  }

  static fromPlain(plain: PlainVaultError): VaultError {
    const { name: _name, code, message, ...place } = plain;
    return new VaultError(code, message, place);
  }
}

/** Recognises a vault error by its code: `instanceof` does not survive a thread boundary. */
export function isVaultError(error: unknown): error is PlainVaultError {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { name?: unknown }).name === 'VaultError' &&
    vaultErrorCodes.includes((error as { code?: VaultErrorCode }).code as VaultErrorCode)
  );
}

/**
 * Any thrown thing as a VaultError. What is not one already becomes `internal` with the class of
 * what was thrown and nothing of its message, which might quote a value.
 */
export function asVaultError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  if (isVaultError(error)) return VaultError.fromPlain(error);
  const kind = error instanceof Error ? error.name : typeof error;
  return new VaultError('internal', `unexpected ${kind} inside the program`);
}

/** One line for people: `line 12, column 3 ("member_id"): message`, as far as the place is known. */
export function describePlace(place: ErrorPlace): string {
  const parts: string[] = [];
  if (place.line !== undefined) parts.push(`line ${String(place.line)}`);
  if (place.row !== undefined) parts.push(`row ${String(place.row)}`);
  if (place.column !== undefined) {
    const header = place.header === undefined ? '' : ` (${quoteForPeople(place.header)})`;
    parts.push(`column ${String(place.column)}${header}`);
  }
  return parts.join(', ');
}

/** A header in quotes, with control characters escaped and cut to 60 characters, safe for a terminal. */
export function quoteForPeople(text: string): string {
  const characters = Array.from(text);
  const cut = characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
