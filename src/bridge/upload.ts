import { asVaultError, VaultError } from '../core/errors.ts';
import {
  afterAnswer,
  afterSilence,
  attemptsMax,
  idempotencyKeyOf,
  isUploadToken,
  receiptOf,
  unanswered,
  uploadAddress,
  uploadField,
  uploadHeaders,
} from '../core/upload.ts';
import type { Upload, UploadProgress, UploadReceipt, UploadRequest } from './contract.ts';
import { sendOnce, type Sent } from './send-once.ts';

/** What of an upload does not come from the person. */
export interface UploadParts {
  /** The tokenized file as it lies in the private file system. */
  readonly file: () => Promise<File>;
  /** Whether the receiver knows `Idempotency-Key`. */
  readonly idempotent: boolean;
  /** How long to wait for an answer after the whole file was sent, in milliseconds. */
  readonly answerMs?: number;
}

/** A receiver may check a large file before it answers. */
const patienceMs = 300_000;

/**
 * Sends the tokenized file, byte for byte, under its neutral name. Rejects with `upload-refused`,
 * `upload-unreachable`, `upload-unanswered` or `cancelled`; the token is in no message.
 */
export function startUpload(request: UploadRequest, parts: UploadParts): Upload {
  const controller = new AbortController();
  const result = attempts(request, parts, controller.signal).catch((error: unknown) => {
    throw controller.signal.aborted ? cancelled() : asVaultError(error);
  });
  return {
    result,
    cancel: () => {
      controller.abort();
    },
  };
}

async function attempts(
  request: UploadRequest,
  parts: UploadParts,
  signal: AbortSignal,
): Promise<UploadReceipt> {
  const { product, origin, token, run, onProgress } = request;
  if (!isUploadToken(token)) {
    throw new VaultError(
      'upload-refused',
      'this is no upload token: expected vlk_live_, 8 and 32 hexadecimal characters; nothing was sent',
      { rule: 'token-form' },
    );
  }
  const address = uploadAddress(origin, product);
  const key = parts.idempotent ? idempotencyKeyOf(product, run.report.output.sha256) : undefined;
  const file = new File([await parts.file()], run.neutralName, { type: 'text/csv' });
  for (let attempt = 1; ; attempt += 1) {
    const body = new FormData();
    body.append(uploadField, file);
    const sent = await sendOnce({
      address,
      headers: uploadHeaders(token, key),
      body,
      size: file.size,
      signal,
      answerMs: parts.answerMs ?? patienceMs,
      onProgress: (bytes) => {
        onProgress({ phase: 'sending', attempt, sent: bytes, total: file.size });
      },
    });
    const seconds = await decided(sent, attempt, request);
    if (seconds === null) {
      const { status, body: answer } = sent as Sent & { readonly kind: 'answer' };
      return { status, attempts: attempt, ...receiptOf(answer) };
    }
    const status = sent.kind === 'answer' ? sent.status : null;
    await waiting({ phase: 'waiting', attempt, seconds, status }, onProgress, signal);
  }
}

/** Seconds until the next attempt, or null where the file was taken. Rejects where it ends. */
async function decided(
  sent: Sent,
  attempt: number,
  { askToRepeat }: UploadRequest,
): Promise<number | null> {
  const next =
    sent.kind === 'answer'
      ? afterAnswer(sent, attempt)
      : afterSilence(sent.sent, sent.total, attempt);
  switch (next.kind) {
    case 'done':
      return null;
    case 'retry':
      return next.seconds;
    case 'refused':
      throw next.error;
    case 'ask':
      if (attempt >= attemptsMax || !(await askToRepeat())) throw unanswered();
      return 0;
  }
}

/** Waits, and says each second how long it still is. */
async function waiting(
  progress: UploadProgress & { readonly phase: 'waiting' },
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + 1000 * progress.seconds;
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    onProgress({ ...progress, seconds: Math.ceil(left / 1000) });
    await pause(Math.min(left, 1000), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function cancelled(): VaultError {
  return new VaultError('cancelled', 'the upload was cancelled');
}
