import type { Socket } from 'node:net';
import type { Intake } from './intake.ts';

/** Seconds after which a refused sender may try again. */
export const retrySeconds = { busy: 5, stopping: 30 } as const;

/** Milliseconds that uploads have to leave nothing behind, once they were given up. */
const tidyMs = 10_000;
/** Milliseconds that answers have to get out after that. */
const partingMs = 2000;

/** The requests that are being answered, and how many of them may be uploads. */
export class OpenRequests {
  readonly #uploadsAtOnce: number;
  readonly #open = new Set<Intake>();
  readonly #bySocket = new WeakMap<Socket, Intake>();
  readonly #uploads = new Set<Intake>();
  #stopping = false;
  readonly #waiting = new Set<() => void>();

  constructor(uploadsAtOnce: number) {
    this.#uploadsAtOnce = uploadsAtOnce;
  }

  /** Whether new requests are refused. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** The request that is being answered on a connection. */
  on(socket: Socket): Intake | undefined {
    return this.#bySocket.get(socket);
  }

  add(socket: Socket, intake: Intake): void {
    this.#open.add(intake);
    this.#bySocket.set(socket, intake);
  }

  remove(socket: Socket, intake: Intake): void {
    if (this.#bySocket.get(socket) === intake) this.#bySocket.delete(socket);
    this.#open.delete(intake);
    this.#changed();
  }

  /** Takes a place among the uploads; false where there is none left. */
  beginUpload(intake: Intake): boolean {
    if (this.#uploads.size >= this.#uploadsAtOnce) return false;
    this.#uploads.add(intake);
    return true;
  }

  /** Gives the place back, once nothing more is done for the upload, whoever may have gone before. */
  endUpload(intake: Intake): void {
    this.#uploads.delete(intake);
    this.#changed();
  }

  /**
   * Refuses new requests from now on, lets those that run go on for so long, and gives up the uploads
   * that still run then: they are answered with `stopping`.
   * @param patienceMs milliseconds
   */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const noUploads = (): boolean => this.#uploads.size === 0;
    const nothing = (): boolean => noUploads() && this.#open.size === 0;
    await this.#until(nothing, patienceMs);
    for (const intake of this.#uploads) intake.fail('stopping');
    await this.#until(noUploads, tidyMs);
    await this.#until(nothing, partingMs);
  }

  #until(reached: () => boolean, milliseconds: number): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(clock);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (reached()) done();
      };
      const clock = setTimeout(done, milliseconds);
      this.#waiting.add(look);
    });
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }
}
