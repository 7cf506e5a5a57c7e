import { VaultError } from '../core/errors.ts';

/** How one attempt ended. A body is there only where it is JSON of a sensible size. */
export type Sent =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | null;
      readonly body: unknown;
    }
  /** `sent` bytes of `total` had gone out when the connection ended, or nobody answered. */
  | { readonly kind: 'silence'; readonly sent: number; readonly total: number };

/** Characters of an answer that are read at most. */
const longestAnswer = 1 << 16;

/**
 * One POST, by XMLHttpRequest: fetch tells nothing of how far a body is. Rejects with `cancelled`
 * when the signal says so, with `upload-refused` where the address leads elsewhere.
 */
export function sendOnce(request: {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: FormData;
  /** Bytes of the file, which is most of the body. */
  readonly size: number;
  readonly signal: AbortSignal;
  /** How long to wait for the whole answer after the whole body was sent, in milliseconds. */
  readonly answerMs: number;
  readonly onProgress: (sent: number) => void;
}): Promise<Sent> {
  const { address, headers, body, size, signal, answerMs, onProgress } = request;
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let sent = 0;
    let whole = false;
    let head: Head | undefined;
    let patience: ReturnType<typeof setTimeout> | undefined;

    const end = (settle: () => void): void => {
      clearTimeout(patience);
      signal.removeEventListener('abort', cancel);
      xhr.onreadystatechange = xhr.onprogress = xhr.onload = xhr.onerror = null;
      xhr.upload.onprogress = xhr.upload.onload = null;
      settle();
      xhr.abort();
    };
    const cancel = (): void => {
      end(() => {
        reject(new VaultError('cancelled', 'the upload was cancelled'));
      });
    };
    /** With what there is: an answer whose head came counts, whatever becomes of its body. */
    const conclude = (text = ''): void => {
      end(() => {
        if (head === undefined) {
          resolve({ kind: 'silence', sent: whole ? size : Math.min(sent, size - 1), total: size });
        } else if (head.address !== address) {
          reject(redirected());
        } else {
          const { status, retryAfter, json } = head;
          resolve({ kind: 'answer', status, retryAfter, body: json ? parsed(text) : undefined });
        }
      });
    };

    xhr.upload.onprogress = ({ loaded }) => {
      sent = loaded;
      onProgress(Math.min(loaded, size));
    };
    xhr.upload.onload = () => {
      whole = true;
      onProgress(size);
      patience = setTimeout(() => {
        conclude();
      }, answerMs);
    };
    xhr.onreadystatechange = () => {
      if (xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED) head = headOf(xhr);
    };
    xhr.onprogress = ({ loaded }) => {
      if (loaded > longestAnswer) conclude();
    };
    xhr.onload = () => {
      conclude(xhr.responseText);
    };
    xhr.onerror = () => {
      conclude();
    };
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, { once: true });
    xhr.open('POST', address);
    xhr.responseType = 'text';
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.send(body);
  });
}

/** What counts of an answer's head. */
interface Head {
  readonly status: number;
  readonly address: string;
  readonly retryAfter: string | null;
  readonly json: boolean;
}

function headOf(xhr: XMLHttpRequest): Head {
  const type = headerOf(xhr, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return {
    status: xhr.status,
    address: xhr.responseURL,
    retryAfter: headerOf(xhr, 'retry-after'),
    json: type === 'application/json' || type === 'application/problem+json',
  };
}

/** A header that the receiver lets this page read: asking for another one is noise in the console. */
function headerOf(xhr: XMLHttpRequest, name: string): string | null {
  const lines = xhr.getAllResponseHeaders().toLowerCase().split('\r\n');
  return lines.some((line) => line.startsWith(`${name}:`)) ? xhr.getResponseHeader(name) : null;
}

function parsed(text: string): unknown {
  if (text.length > longestAnswer) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function redirected(): VaultError {
  return new VaultError(
    'upload-refused',
    'the address leads elsewhere: expected the address of the receiver itself',
    { rule: 'redirect' },
  );
}
