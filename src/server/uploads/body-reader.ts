import type { Readable } from 'node:stream';
import { asVaultError, isVaultError, VaultError } from '../../core/errors.ts';

/**
 * Reads a request's body chunk by chunk, and no further than it is asked to. Lets the body go
 * undestroyed, wherever it stands, so that what is left of it can be drained.
 */
export class BodyReader {
  readonly #body: Readable;
  readonly #signal: AbortSignal;
  #failure: VaultError | null = null;
  #ended = false;
  #wake: (() => void) | null = null;

  readonly #onReadable = (): void => this.#wake?.();
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };
  readonly #onBreak = (error?: unknown): void => {
    if (!this.#ended) this.#failure ??= isVaultError(error) ? asVaultError(error) : brokenOff();
    this.#wake?.();
  };
  readonly #onAbort = (): void => {
    this.#onBreak(this.#signal.reason);
  };

  constructor(body: Readable, signal: AbortSignal) {
    this.#body = body;
    this.#signal = signal;
    this.#ended = body.readableEnded;
    if (signal.aborted) this.#onAbort();
    else if (body.destroyed) this.#onBreak(body.errored);
    signal.addEventListener('abort', this.#onAbort);
    body.on('readable', this.#onReadable);
    body.on('end', this.#onEnd);
    body.on('error', this.#onBreak);
    body.on('close', this.#onBreak);
  }

  /**
   * The next bytes, or null at the end of the body.
   * @throws VaultError `cancelled` where the body breaks off or the signal is given; the error that
   *   either carries, where that is a VaultError
   */
  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const chunk = this.#body.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  release(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#body.off('readable', this.#onReadable);
    this.#body.off('end', this.#onEnd);
    this.#body.off('close', this.#onBreak);
    // An error that nobody listens to would end the process: whatever comes later is nobody's concern.
    this.#body.on('error', () => undefined);
    this.#body.off('error', this.#onBreak);
  }
}

function brokenOff(): VaultError {
  return new VaultError('cancelled', 'the body broke off: expected a complete form');
}
