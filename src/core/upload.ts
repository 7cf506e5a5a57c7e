import { VaultError } from './errors.ts';
import { ownField } from './upload-problems.ts';
import { refusal, unanswered, unreachable } from './upload-refusals.ts';

export { refusal, unanswered } from './upload-refusals.ts';

/**
 * The one request there is, for the page and the command line alike: its address and headers, when
 * it is repeated, and what an answer means. Nothing here touches a network.
 */

/** Path of the receiver's upload for a product, below its origin. */
export const uploadPath = (product: string): string => `/api/v2/secure-upload/${product}`;

/** Multipart field that holds the file. */
export const uploadField = 'file';

/** How often one file is sent at most. */
export const attemptsMax = 5;

/** Longest wait that a receiver may ask for with `Retry-After`, in seconds. */
const longestWait = 300;
const firstWait = 1;

/**
 * The address of an upload.
 * @param base an origin, or an origin and the path below which the receiver stands
 * @throws VaultError `option-invalid` for anything but https (http on this very machine only), and
 *   for an address with a user, a query or a fragment
 */
export function uploadAddress(base: string, product: string): string {
  let url: URL;
  try {
    url = new URL(base);
  } catch {
    throw badAddress('expected an address such as https://api.example.com');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw badAddress('expected an origin, or an origin and a path, and nothing else');
  }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    throw badAddress('expected https; http only on localhost');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${uploadPath(product)}`;
}

function badAddress(expected: string): VaultError {
  return new VaultError('option-invalid', `the address of the receiver: ${expected}`);
}

/** `<product>-<first 8 of its SHA-256>.csv`: a file's own name may hold a person's. */
export function neutralFileName(product: string, sha256: string): string {
  return `${product}-${sha256.slice(0, 8)}.csv`;
}

/** Names one upload, so that a receiver that knows the header takes it once. No secret. */
export function idempotencyKeyOf(product: string, sha256: string): string {
  return `${product}-${sha256}`;
}

/**
 * The request's headers but for its content type, which goes with the body.
 * @param idempotencyKey where the receiver knows `Idempotency-Key`
 */
export function uploadHeaders(token: string, idempotencyKey?: string): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    'X-Velora-Vault-Mode': 'pretokenized',
    Accept: 'application/json, application/problem+json',
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
}

/** Whether a text has the form of an upload token, `vlk_live_<8 hex>_<32 hex>`. */
export function isUploadToken(text: string): boolean {
  return /^vlk_live_[0-9a-f]{8}_[0-9a-f]{32}$/.test(text);
}

export type AfterAttempt =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly error: VaultError };

/** What counts of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | null;
  /** The parsed body, where it is a problem document. */
  readonly body?: unknown;
}

/**
 * What follows from an answer. Any 2xx is success; 429 (RFC 6585) and 5xx are tried again, as soon
 * as `Retry-After` says (RFC 9110, section 10.2.3: seconds or a date) or after a growing pause;
 * everything else, redirects too, is final.
 * @param attempt which one was answered, from 1
 * @param random from 0 to 1, so that many senders do not come back at the same moment
 */
export function afterAnswer(
  { status, retryAfter, body }: AnswerHead,
  attempt: number,
  random: () => number = Math.random,
): AfterAttempt {
  if (status >= 200 && status < 300) return { kind: 'done' };
  const passing = status === 429 || status >= 500;
  if (!passing || attempt >= attemptsMax) return { kind: 'refused', error: refusal(status, body) };
  return { kind: 'retry', seconds: secondsAsked(retryAfter) ?? pauseAfter(attempt, random) };
}

/**
 * What follows where the connection ended without an answer. A body that was sent in part cannot
 * have been taken, so it is sent again; of one that was sent whole only a person can decide; and
 * where nothing went out there is no connection to be had.
 * @param sent bytes of the body that went out, of `total`
 */
export function afterSilence(
  sent: number,
  total: number,
  attempt: number,
  random: () => number = Math.random,
): AfterAttempt | { readonly kind: 'ask'; readonly error: VaultError } {
  if (sent >= total) {
    return { kind: attempt >= attemptsMax ? 'refused' : 'ask', error: unanswered() };
  }
  if (sent === 0 || attempt >= attemptsMax) return { kind: 'refused', error: unreachable() };
  return { kind: 'retry', seconds: pauseAfter(attempt, random) };
}

/** Seconds to wait after an attempt, from 1: twice as long each time, and half of it by chance. */
export function pauseAfter(attempt: number, random: () => number = Math.random): number {
  return firstWait * 2 ** (attempt - 1) * (0.5 + random() / 2);
}

function secondsAsked(retryAfter: string | null): number | null {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), longestWait);
  // Other forms of a date are obsolete (RFC 9110, section 5.6.7).
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), longestWait);
}

/** What a receiver answers of an upload that it took; null for what it did not say. */
export interface Receipt {
  readonly uploadId: string | null;
  readonly rows: number | null;
  /** SHA-256 of the file that was taken, 64 lower-case hexadecimal characters. */
  readonly sha256: string | null;
}

/** The receipt in a parsed body. Only strict forms count: whatever else there is, is not shown. */
export function receiptOf(body: unknown): Receipt {
  const [uploadId, rows, sha256] = [
    ownField(body, 'uploadId') ?? ownField(body, 'upload_id') ?? ownField(body, 'id'),
    ownField(body, 'rows'),
    ownField(body, 'sha256'),
  ];
  const isCount = typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0;
  return {
    uploadId: typeof uploadId === 'string' && /^[\w.:-]{1,100}$/.test(uploadId) ? uploadId : null,
    rows: isCount ? rows : null,
    sha256: typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
  };
}
