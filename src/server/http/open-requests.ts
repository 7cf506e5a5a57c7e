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
  /** Of each connection the requests that wait for an answer, and what to do when it is gone. */
  readonly #bySocket = new WeakMap<Socket, Map<Intake, () => void>>();
  readonly #closing = new WeakSet<Socket>();
  /** With their tenants. */
  readonly #uploads = new Map<Intake, string>();
  #stopping = false;
  readonly #waiting = new Set<() => void>();

  constructor(uploadsAtOnce: number) {
    this.#uploadsAtOnce = uploadsAtOnce;
  }

  /** Whether new requests are refused. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** The newest request that waits for an answer on a connection. */
  on(socket: Socket): Intake | undefined {
    return [...(this.#bySocket.get(socket)?.keys() ?? [])].at(-1);
  }

  /** @param gone called when the connection closes before the request is removed */
  add(socket: Socket, intake: Intake, gone: () => void): void {
    this.#open.add(intake);
    const known = this.#bySocket.get(socket);
    if (known !== undefined) {
      known.set(intake, gone);
      return;
    }
    const requests = new Map([[intake, gone]]);
    this.#bySocket.set(socket, requests);
    socket.once('close', () => {
      for (const end of [...requests.values()]) end();
    });
  }

  remove(socket: Socket, intake: Intake): void {
    this.#bySocket.get(socket)?.delete(intake);
    this.#open.delete(intake);
    this.#changed();
  }

  /** Says that no request of a connection is answered after those that are being answered. */
  close(socket: Socket): void {
    this.#closing.add(socket);
  }

  /** Whether a connection's last answer was given. */
  isClosing(socket: Socket): boolean {
    return this.#closing.has(socket);
  }

  /** Takes a place among the uploads; false where there is none left, or half of all are this tenant's. */
  beginUpload(intake: Intake, tenant: string): boolean {
    const own = [...this.#uploads.values()].filter((other) => other === tenant).length;
    const full = this.#uploads.size >= this.#uploadsAtOnce;
    if (full || own >= Math.ceil(this.#uploadsAtOnce / 2)) return false;
    this.#uploads.set(intake, tenant);
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
    for (const intake of this.#uploads.keys()) intake.fail('stopping');
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
