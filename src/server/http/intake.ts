import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { VaultError } from '../../core/errors.ts';
import { type ProblemName, problems } from './problems.ts';

/** Why a body ended before its end. */
export type IntakeFault = 'body-idle' | 'file-too-large' | 'form-invalid' | 'stopping' | 'gone';

export interface IntakeLimits {
  /** Bytes of a body that are read; of one that is thrown away, at most twice as many. */
  readonly most: number;
  /** Milliseconds for which a sender may keep us waiting. */
  readonly idleMs: number;
}

/**
 * The body of one request: read once as a stream, and what is left of it thrown away. A clock runs
 * only while bytes are wanted and none come, so that a long body is no slow one, and a wait for our
 * own disk is nobody's fault.
 */
export class Intake {
  /** Bytes of the body that came. */
  received = 0;
  /** Settles once no more bytes will come: all were read, or the connection is gone. */
  readonly ended: Promise<void>;
  readonly #request: IncomingMessage;
  readonly #limits: IntakeLimits;
  readonly #abort = new AbortController();
  #body: Readable | null = null;
  #draining = false;
  #thrownAway = 0;
  #fault: IntakeFault | null = null;
  #clock: NodeJS.Timeout | undefined;
  #over = false;
  #end: () => void = () => undefined;

  constructor(request: IncomingMessage, limits: IntakeLimits) {
    this.#request = request;
    this.#limits = limits;
    this.ended = new Promise((resolve) => {
      this.#end = () => {
        this.#over = true;
        clearTimeout(this.#clock);
        resolve();
      };
      request.once('end', () => {
        this.#end();
        this.#body?.push(null);
      });
      request.once('close', () => {
        this.#end();
        if (!request.readableEnded) this.fail('gone');
      });
    });
    // A connection that breaks is told by `close` as well.
    request.on('error', () => undefined);
  }

  /** Aborted when this body, or who waits for the answer, is given up; the reason is a VaultError. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get fault(): IntakeFault | null {
    return this.#fault;
  }

  /** Whether the request says that it has a body. */
  get announced(): boolean {
    const { headers } = this.#request;
    const length = headers['content-length'];
    return headers['transfer-encoding'] !== undefined || (length ?? '0') !== '0';
  }

  /** Whether the sender still has bytes of this body to send. */
  get unfinished(): boolean {
    return this.announced && !this.#request.complete && !this.#over;
  }

  /** The body as a stream that may be destroyed without harm to the connection. To be called once. */
  open(): Readable {
    const body = new Readable({
      highWaterMark: 256 * 1024,
      read: () => {
        if (this.#over || this.#draining) return;
        if (this.#clock === undefined) this.#wind();
        this.#request.resume();
      },
    });
    // Nobody may be listening any more when it breaks off.
    body.on('error', () => undefined);
    this.#body = body;
    this.#request.pause();
    this.#request.on('data', this.#take);
    if (this.#over) body.push(null);
    return body;
  }

  /** Gives the body up: whoever reads it fails with a VaultError of this rule. The first fault counts. */
  fail(fault: IntakeFault): void {
    // What was being thrown away is nobody's fault any more, but there is nothing to wait for.
    if (this.#draining) this.#end();
    if (this.#fault !== null) return;
    this.#fault = fault;
    this.#stopClock();
    const error = asError(fault);
    this.#abort.abort(error);
    this.#body?.destroy(error);
  }

  /**
   * Throws away what still comes; past twice the limit, or when it stands still, the connection too.
   * @param most bytes of the body after which the connection ends, where that is less
   */
  drain(most: number): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#thrownAway = Math.min(most, 2 * this.#limits.most);
    if (this.#over) return;
    this.#request.off('data', this.#take);
    this.#request.on('data', this.#discard);
    this.#wind();
    this.#request.resume();
  }

  readonly #take = (chunk: Buffer): void => {
    this.received += chunk.length;
    this.#stopClock();
    if (this.received > this.#limits.most) {
      this.#request.pause();
      this.fail('file-too-large');
    } else if (this.#body?.destroyed === false && this.#body.push(chunk)) {
      this.#wind();
    } else {
      this.#request.pause();
    }
  };

  readonly #discard = (chunk: Buffer): void => {
    this.received += chunk.length;
    if (this.received > this.#thrownAway) this.#request.destroy();
    else this.#wind();
  };

  #wind(): void {
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => {
      if (this.#draining) this.#request.destroy();
      else this.fail('body-idle');
    }, this.#limits.idleMs);
  }

  #stopClock(): void {
    clearTimeout(this.#clock);
    this.#clock = undefined;
  }
}

function asError(fault: IntakeFault): VaultError {
  if (fault === 'gone') return new VaultError('cancelled', 'the sender went away');
  const name: ProblemName = fault;
  return new VaultError('request-refused', problems[name][2], { rule: name });
}
