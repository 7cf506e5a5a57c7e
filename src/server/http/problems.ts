import type { Finding } from '../../core/validate.ts';
import { formMediaType } from './forms.ts';

/**
 * Every refusal: status, title, and what to do, under a name that never changes. The name is the
 * last part of the problem's `type` (RFC 9457, section 3.1.1).
 */
export const problems = {
  'vault-mode-required': [
    400,
    'vault mode required',
    'expected one of the headers X-Velora-Vault-Mode, X-Velora-Vault-Key, X-Velora-Customer-Id',
  ],
  'ambiguous-vault-mode': [
    400,
    'ambiguous vault mode',
    'expected one of the headers X-Velora-Vault-Mode, X-Velora-Vault-Key, X-Velora-Customer-Id, not several',
  ],
  'vault-mode-unknown': [400, 'unknown vault mode', 'expected X-Velora-Vault-Mode: pretokenized'],
  'vault-key-invalid': [
    400,
    'invalid vault key',
    'expected 64 hexadecimal characters in X-Velora-Vault-Key',
  ],
  'idempotency-key-invalid': [
    400,
    'invalid idempotency key',
    'expected 1 to 200 visible ASCII characters in Idempotency-Key',
  ],
  'plaintext-detected-in-tokenize-column': [
    400,
    'plaintext detected in tokenize column',
    'expected every cell of these columns to be empty or a token: tokenize the original for this product',
  ],
  'plaintext-detected-in-generalize-column': [
    400,
    'plaintext detected in generalize column',
    'expected every cell of these columns to be empty, a year or three digits: tokenize the original for this product',
  ],
  'column-to-be-dropped': [
    400,
    'a column that must be dropped is there',
    'expected these columns to be absent: tokenize the original for this product',
  ],
  'identifier-in-kept-column': [
    400,
    'identifier detected in a kept column',
    'expected no cell of these columns to be a social security number or an e-mail address',
  ],
  'column-undecided': [
    400,
    'a column looks like an identifier',
    'expected headers of the catalogue: nobody has decided what becomes of this column; tokenize the file before it is sent',
  ],
  'header-not-accepted': [
    400,
    'the first record may be data',
    'expected a header row with a known identifier column and no value in it',
  ],
  'tokens-found': [
    400,
    'tokens found where originals are expected',
    'expected a file that was never tokenized in this mode: send it with X-Velora-Vault-Mode: pretokenized',
  ],
  'csv-invalid': [400, 'not a CSV file', 'expected well-formed CSV'],
  'file-empty': [400, 'empty file', 'expected at least a header'],
  'file-missing': [400, 'no file', 'expected one file in the form field "file"'],
  'file-repeated': [400, 'more than one file', 'expected one file in the form field "file"'],
  'form-invalid': [
    400,
    'invalid form',
    'expected a complete multipart form (RFC 7578) of the one field "file"',
  ],
  'request-invalid': [400, 'invalid request', 'expected well-formed HTTP/1.1'],
  'query-invalid': [400, 'invalid query', 'expected the parameters of the documentation'],
  unauthorized: [401, 'unauthorized', 'expected Authorization: Bearer and a valid API key'],
  'scope-missing': [403, 'missing scope', 'expected an API key with the scope of this request'],
  'tenant-mismatch': [
    403,
    'the customer is not that of the API key',
    'expected X-Velora-Customer-Id to name the customer of the API key',
  ],
  'not-found': [404, 'not found', 'expected a documented address'],
  'product-unknown': [404, 'unknown product', 'expected one of the products'],
  'upload-unknown': [404, 'unknown upload', 'expected the id of an upload of this customer'],
  'token-unknown': [
    404,
    'unknown token',
    'expected a token of this customer whose time in the vault has not run out',
  ],
  'method-not-allowed': [405, 'method not allowed', 'expected a documented method'],
  'body-idle': [408, 'the connection stood still', 'expected the request to keep coming'],
  'idempotency-conflict': [
    409,
    'idempotency key used for another upload',
    'expected the same file, product and mode as the first time, or another Idempotency-Key',
  ],
  'file-too-large': [413, 'file too large', 'expected a smaller file'],
  'content-type-unsupported': [
    415,
    'unsupported content type',
    `expected ${formMediaType} without Content-Encoding`,
  ],
  'too-many-requests': [429, 'too many requests', 'expected fewer requests a minute'],
  'header-too-large': [431, 'headers too large', 'expected at most 16 KB of headers'],
  internal: [
    500,
    'internal error',
    'expected nothing of the kind; ask whether an upload was taken before it is sent again, or send it with an Idempotency-Key',
  ],
  'database-unreachable': [503, 'database unreachable', 'expected a database: try again'],
  busy: [503, 'busy', 'expected fewer uploads at once: try again'],
  stopping: [503, 'stopping', 'expected a receiver that goes on: try again'],
  'storage-full': [
    507,
    'storage full',
    'expected room for the file: nothing of it was kept; ask who runs the receiver, then try again',
  ],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>;

export type ProblemName = keyof typeof problems;

/** Whether a rule of a `request-refused` is the name of a problem. */
export function isProblemName(rule: string | undefined): rule is ProblemName {
  return rule !== undefined && Object.hasOwn(problems, rule);
}

/** A finding as a problem document tells it: where and which rule, never the value. */
interface ProblemFinding extends Finding {
  /** Set where the header cannot be a value. */
  readonly header?: string;
}

/** A refusal on its way to becoming a problem document. */
export interface Problem {
  readonly name: ProblemName;
  /** Instead of what the table says was expected. Never a value of a cell, a secret or a token. */
  readonly detail?: string;
  /** Code and place of the fault in the file. */
  readonly fault?: {
    readonly code: string;
    readonly rule?: string;
    readonly line?: number;
    readonly row?: number;
    readonly column?: number;
    readonly header?: string;
  };
  /** The first findings, at most 20. */
  readonly findings?: readonly ProblemFinding[];
  /** Findings of each column that has any. */
  readonly counts?: readonly {
    readonly column: number;
    readonly header?: string;
    readonly findings: number;
  }[];
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
}

/** `type` of a problem document: a name for machines that leads nowhere. */
export const problemType = (name: ProblemName): string => `urn:velora:problem:${name}`;
