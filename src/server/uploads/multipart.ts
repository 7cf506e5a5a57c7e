import type { Readable } from 'node:stream';
import { BodyReader } from './body-reader.ts';
import { boundaryOf } from './form-headers.ts';
import { FormParser } from './form-parser.ts';

export interface FormLimits {
  /** Longest file, in bytes. */
  readonly largestFile: number;
  /** Ends the reading, with its reason where that is a VaultError. */
  readonly signal: AbortSignal;
}

/**
 * The one file of a form (RFC 7578), as its bytes come. It ends when the form has ended as it should;
 * until then it may still throw, so nothing of it may be believed before. Names of files are not
 * looked at. Holds a chunk of the body in memory; the body itself is neither destroyed nor drained.
 * @param contentType the request's; looked at before anything is read
 * @throws VaultError `request-refused` with one of the rules `content-type-unsupported`,
 *   `form-invalid`, `file-missing`, `file-repeated`, `file-too-large`; `cancelled` where the body
 *   breaks off
 */
export function readFile(
  contentType: string,
  body: Readable,
  limits: FormLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  return fileOf(new FormParser(boundaryOf(contentType), limits.largestFile), body, limits.signal);
}

async function* fileOf(
  form: FormParser,
  body: Readable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new BodyReader(body, signal);
  try {
    for (;;) {
      const chunk = await reader.next();
      if (chunk === null) break;
      await form.write(chunk);
      yield* form.taken();
    }
    await form.end();
    yield* form.taken();
  } finally {
    reader.release();
  }
}
