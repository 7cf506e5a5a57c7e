/** What is told of a refusal: a short stable name, and words with what to do. */
export interface Refusal {
  readonly rule: string;
  readonly words: string;
}

interface NamedProblem extends Refusal {
  /** The status that goes with the name. Under another one the name counts for nothing. */
  readonly status: number;
}

/**
 * The problems of the receiver that are told in words of their own, by their names: the last part of
 * `urn:velora:problem:<name>` (docs/receiver.md). The list is closed; of every other problem, and of
 * one from another receiver, the status alone is told.
 */
export const namedProblems: Readonly<Record<string, NamedProblem>> = {
  'vault-mode-required': {
    status: 400,
    rule: 'vault-mode-required',
    words:
      'the receiver saw no vault mode: something on the way, such as a proxy, has removed the header X-Velora-Vault-Mode; have it let through',
  },
  'ambiguous-vault-mode': {
    status: 400,
    rule: 'ambiguous-vault-mode',
    words:
      'the receiver saw more than one vault mode: something on the way, such as a proxy, adds another X-Velora-Vault header or a customer id; have it left out',
  },
  'plaintext-detected-in-tokenize-column': {
    status: 400,
    rule: 'plaintext-detected',
    words:
      'the receiver found a value that is no token in a column that must hold tokens: the file was tokenized for another product or with an older schema, or was changed since; tokenize the original again for this product',
  },
  'plaintext-detected-in-generalize-column': {
    status: 400,
    rule: 'plaintext-detected-in-generalize-column',
    words:
      'the receiver found something else than a year or three digits in a column that must hold these: the file was tokenized for another product or with an older schema, or was changed since; tokenize the original again for this product',
  },
  'column-to-be-dropped': {
    status: 400,
    rule: 'column-to-be-dropped',
    words:
      'the receiver found a column that must not leave: the file was tokenized for another product or with an older schema; tokenize the original again for this product, which leaves the column out',
  },
  'identifier-in-kept-column': {
    status: 400,
    rule: 'identifier-in-kept-column',
    words:
      'the receiver found a social security number or an e-mail address in a column that was kept: tokenize the original again, and leave that column out or take it for an identifier',
  },
  'column-undecided': {
    status: 400,
    rule: 'column-undecided',
    words:
      'the receiver found a column that looks like an identifier, and nobody to ask about it: tokenize the original again, and decide there what becomes of the column',
  },
  'header-not-accepted': {
    status: 400,
    rule: 'header-not-accepted',
    words:
      'the receiver takes the first record for data: it needs a header row with a known identifier column and no value in it, and is not told what was accepted or named here; check that the product is the right one, then tokenize the original again for it',
  },
  'tokens-found': {
    status: 400,
    rule: 'tokens-found',
    words:
      'the receiver expected originals and found tokens: something on the way, such as a proxy, has replaced the header X-Velora-Vault-Mode; have it let through as it is',
  },
  'csv-invalid': {
    status: 400,
    rule: 'csv-invalid',
    words:
      'the receiver could not read the file as CSV: it reads UTF-8, and UTF-16 only with a byte order mark, and is told no other encoding and no delimiter by name; tokenize the original again: what is written is always UTF-8',
  },
  'file-empty': {
    status: 400,
    rule: 'file-empty',
    words:
      'the receiver got a file without content, which this one is not: something on the way, such as a proxy, has removed it; ask who runs the network',
  },
  'scope-missing': {
    status: 403,
    rule: 'scope-missing',
    words:
      'the upload token is valid but may not upload (403): ask who manages the tokens for one with the scope upload:write',
  },
  'tenant-mismatch': {
    status: 403,
    rule: 'tenant-mismatch',
    words:
      'the request names another customer than that of the upload token (403): something on the way, such as a proxy, adds the header X-Velora-Customer-Id; have it left out',
  },
  'product-unknown': {
    status: 404,
    rule: 'product-unknown',
    words:
      'the receiver does not know this product (404): its schemas are older than those here, or others; ask the receiver',
  },
  'body-idle': {
    status: 408,
    rule: 'body-idle',
    words:
      'the file stopped coming, and the receiver waited no longer (408): nothing was taken; send it again, and if it happens again ask who runs the network',
  },
  'idempotency-conflict': {
    status: 409,
    rule: 'idempotency-conflict',
    words:
      'the Idempotency-Key of this file names another upload already (409), such as that of the same file in another mode: nothing was taken; ask the receiver for that upload, or send the file without the key',
  },
  'content-type-unsupported': {
    status: 415,
    rule: 'content-type-unsupported',
    words:
      'the receiver saw no form, or a compressed one (415): something on the way, such as a proxy, changes Content-Type or Content-Encoding; have both let through as they are',
  },
};

const prefix = 'urn:velora:problem:';

/** Names that other receivers write as a title, a detail, or the end of an address of their own. */
const writtenFreely = new Set([
  'vault-mode-required',
  'ambiguous-vault-mode',
  'plaintext-detected-in-tokenize-column',
]);

/**
 * What is told of a problem document, by its type; undefined where it is in no list.
 * @param problem a parsed RFC 9457 problem document, or whatever the body was
 */
export function namedProblem(status: number, problem: unknown): Refusal | undefined {
  const name = nameOf(problem);
  const known = name === undefined ? undefined : namedProblems[name];
  return known?.status === status ? known : undefined;
}

function nameOf(problem: unknown): string | undefined {
  const [type, title, detail] = ['type', 'title', 'detail'].map((key) => ownField(problem, key));
  if (typeof type === 'string' && type.startsWith(prefix)) {
    const name = type.slice(prefix.length);
    if (Object.hasOwn(namedProblems, name)) return name;
  }
  const candidates = [title, typeof type === 'string' ? lastPart(type) : undefined, detail];
  return candidates.map(asName).find((name) => writtenFreely.has(name));
}

/** A title as a name: its words, joined. */
function asName(candidate: unknown): string {
  if (typeof candidate !== 'string' || candidate.length > 200) return '';
  return candidate
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim()
    .replaceAll(' ', '-');
}

function lastPart(type: string): string {
  return (
    type
      .slice(0, 500)
      .split(/[/#:]/)
      .findLast((part) => part !== '') ?? ''
  );
}

/** A field that an object itself has; undefined for anything else. */
export function ownField(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
