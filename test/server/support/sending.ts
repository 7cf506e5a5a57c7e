import { randomBytes } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';

/** An answer to a request that was sent as a plain client sends it: all of the body, then reading. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Sending {
  readonly request: ClientRequest;
  /** Null where the connection ended without an answer. */
  readonly answer: Promise<Answer | null>;
}

export const modeHeaders = {
  pretokenized: { 'X-Velora-Vault-Mode': 'pretokenized' },
  client: { 'X-Velora-Vault-Key': '5e'.repeat(32) },
} as const;

/** Begins an upload; the caller writes the form's bytes and ends it. */
export function beginUpload(
  url: string,
  headers: Readonly<Record<string, string>>,
  product = 'claims_replay',
): Sending {
  const sent = request(`${url}/api/v2/secure-upload/${product}`, {
    method: 'POST',
    agent: false,
    headers,
  });
  const answer = new Promise<Answer | null>((resolve) => {
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
      response.on('error', () => {
        resolve(null);
      });
    });
    sent.on('error', () => {
      resolve(null);
    });
    sent.on('close', () => {
      resolve(null);
    });
  });
  return { request: sent, answer };
}

/** A form of one file that comes piece by piece; with the header that describes it. */
export function formOf(pieces: () => Iterable<Uint8Array>): {
  readonly contentType: string;
  readonly bytes: () => Iterable<Uint8Array>;
} {
  const boundary = randomBytes(12).toString('hex');
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    *bytes() {
      yield Buffer.from(head);
      yield* pieces();
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    },
  };
}

/** Sends a whole upload as fast as the receiver takes it. */
export async function sendUpload(
  url: string,
  key: string,
  headers: Readonly<Record<string, string>>,
  pieces: () => Iterable<Uint8Array>,
): Promise<Answer | null> {
  const form = formOf(pieces);
  const { request: sent, answer } = beginUpload(url, {
    Authorization: `Bearer ${key}`,
    'Content-Type': form.contentType,
    ...headers,
  });
  let wake = (): void => undefined;
  sent.on('drain', () => {
    wake();
  });
  sent.on('close', () => {
    wake();
  });
  for (const piece of form.bytes()) {
    if (sent.closed) break;
    if (!sent.write(piece)) await new Promise<void>((resolve) => (wake = resolve));
  }
  sent.end();
  return answer;
}
