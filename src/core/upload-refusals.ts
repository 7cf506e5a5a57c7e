import { VaultError } from './errors.ts';

/** The connection could not be made, or broke before the file was out. */
export function unreachable(): VaultError {
  return new VaultError(
    'upload-unreachable',
    'the receiver could not be reached, or the connection broke before the whole file was sent: expected a connection; nothing was taken',
    { rule: 'unreachable' },
  );
}

/** The whole file was sent, and nobody knows whether it was taken. */
export function unanswered(): VaultError {
  return new VaultError(
    'upload-unanswered',
    'the whole file was sent and no answer came: it may have been taken. Ask the receiver before it is sent again, or it may be there twice',
    { rule: 'unanswered' },
  );
}

interface Refusal {
  readonly rule: string;
  readonly words: string;
}

const documented: Readonly<Record<string, Refusal>> = {
  'vault mode required': {
    rule: 'vault-mode-required',
    words:
      'the receiver saw no vault mode: something on the way, such as a proxy, has removed the header X-Velora-Vault-Mode; have it let through',
  },
  'ambiguous vault mode': {
    rule: 'ambiguous-vault-mode',
    words:
      'the receiver saw more than one vault mode: something on the way, such as a proxy, adds another X-Velora-Vault header or a customer id; have it left out',
  },
  'plaintext detected in tokenize column': {
    rule: 'plaintext-detected',
    words:
      'the receiver found a value that is no token in a column that must hold tokens: the file was tokenized for another product or with an older schema, or was changed since; tokenize the original again for this product',
  },
};

const byStatus: Readonly<Record<number, Refusal>> = {
  400: {
    rule: 'bad-request',
    words:
      'the receiver did not accept the request (400): check that the product is the right one, then ask the receiver',
  },
  401: {
    rule: 'unauthorized',
    words:
      'the receiver does not know this upload token (401): check that it was pasted whole, is not revoked and has not expired',
  },
  403: {
    rule: 'forbidden',
    words:
      'the upload token may not upload this product (403): ask who manages the tokens for one with that scope',
  },
  404: {
    rule: 'not-found',
    words: 'there is no upload at this address (404): check the address and the product',
  },
  413: {
    rule: 'too-large',
    words:
      'the receiver or a proxy before it takes no file of this size (413): ask for a higher limit, or split the file',
  },
  429: {
    rule: 'too-many-requests',
    words:
      'the receiver takes no more requests for now (429), also after several attempts: try again in some minutes',
  },
};

/**
 * A refused upload in a person's words, with what to do. Nothing of the receiver's text is
 * repeated: it is compared with the documented errors only.
 * @param problem a parsed RFC 9457 problem document, or whatever the body was
 * @returns VaultError `upload-refused`; `rule` is a short stable name
 */
export function refusal(status: number, problem: unknown): VaultError {
  const { rule, words } = whyRefused(status, problem);
  return new VaultError('upload-refused', words, { rule });
}

function whyRefused(status: number, problem: unknown): Refusal {
  const known = status === 400 ? documentedProblem(problem) : undefined;
  if (known !== undefined) return known;
  const own = Object.hasOwn(byStatus, status) ? byStatus[status] : undefined;
  if (own !== undefined) return own;
  if (status >= 300 && status < 400) {
    return {
      rule: 'redirect',
      words: `the address leads elsewhere (${String(status)}), and the file is never sent on: expected the receiver's own address`,
    };
  }
  if (status >= 500) {
    return {
      rule: 'server-error',
      words: `the receiver failed (${String(status)}), also after several attempts: try again later, then ask the receiver`,
    };
  }
  return {
    rule: 'refused',
    words: `the receiver refused the file (${String(status)}): ask the receiver`,
  };
}

/** By the title, or by the last part of the type, in which words may be joined. */
function documentedProblem(problem: unknown): Refusal | undefined {
  const [title, type, detail] = ['title', 'type', 'detail'].map((key) => ownField(problem, key));
  const candidates = [title, typeof type === 'string' ? lastPart(type) : undefined, detail];
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate.length > 200) continue;
    const words = candidate
      .toLowerCase()
      .replace(/[^a-z]+/g, ' ')
      .trim();
    if (Object.hasOwn(documented, words)) return documented[words];
  }
  return undefined;
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
