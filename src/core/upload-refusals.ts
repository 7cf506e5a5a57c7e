import { VaultError } from './errors.ts';
import { namedProblem, type Refusal } from './upload-problems.ts';

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
 * repeated: it is compared with the names of known problems only.
 * @param problem a parsed RFC 9457 problem document, or whatever the body was
 * @returns VaultError `upload-refused`; `rule` is a short stable name
 */
export function refusal(status: number, problem: unknown): VaultError {
  const { rule, words } = whyRefused(status, problem);
  return new VaultError('upload-refused', words, { rule });
}

function whyRefused(status: number, problem: unknown): Refusal {
  const known = namedProblem(status, problem);
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
