import type { Readable } from 'node:stream';
import { Meter } from '../../core/digest.ts';
import { asVaultError } from '../../core/errors.ts';
import { getProduct, type Product, products } from '../../core/schema.ts';
import { throwIfCancelled } from '../../core/source.ts';
import { nodeDigest } from '../../node/node-digest.ts';
import type { Caller } from '../access/api-keys.ts';
import type { AuditEvent, AuditLog } from '../audit/audit-log.ts';
import type { EncryptedFiles } from '../files/encrypted-files.ts';
import type { Problem } from '../http/problems.ts';
import type { Settings } from '../settings.ts';
import { isDuplicate } from '../store/database.ts';
import { readFile } from './multipart.ts';
import { problemOfError } from './refusals.ts';
import {
  treatFile,
  type TreatedFile,
  type TreatmentServices,
  type UploadMode,
} from './treat-file.ts';
import {
  type FileSummary,
  idempotencyKeyPattern,
  type KeyedUpload,
  type Receipt,
  type Uploads,
} from './uploads.ts';

export type { UploadMode } from './treat-file.ts';

export interface UploadRequest {
  /** Who sends; the upload is of the caller's tenant, whatever the request says. */
  readonly caller: Caller;
  readonly product: string;
  readonly mode: UploadMode;
  /** As `idempotencyKeyPattern` has it, or none. */
  readonly idempotencyKey: string | null;
  readonly contentType: string;
  /** The form. What is left of it when the outcome is known is for the caller to drain. */
  readonly body: Readable;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Gives the upload up; the problem is that of its reason, where that is a `request-refused`. */
  readonly signal: AbortSignal;
}

export type UploadOutcome =
  | { readonly receipt: Receipt; /** Whether it was taken before. */ readonly repeated: boolean }
  | { readonly problem: Problem };

export interface UploadServices extends TreatmentServices {
  readonly audit: Pick<AuditLog, 'record'>;
  readonly files: EncryptedFiles;
  readonly uploads: Uploads;
  readonly settings: Pick<Settings, 'largestFile'>;
}

/**
 * Takes uploads: one file each, checked or tokenized while it comes, kept encrypted, with a receipt
 * and an audit record. Nothing is kept of one that is refused but that record. Its outcomes are
 * thrown only where they are nobody's fault but ours: a VaultError, recorded as `internal`.
 */
export function createUploadTaker(
  services: UploadServices,
): (request: UploadRequest) => Promise<UploadOutcome> {
  return async (request) => {
    let outcome: UploadOutcome;
    let failure: unknown = null;
    try {
      outcome = await take(services, request);
    } catch (error) {
      outcome = { problem: problemOfError(error, request.signal) };
      failure = error;
    }
    if ('problem' in outcome) {
      const { name } = outcome.problem;
      await services.audit.record(
        request.caller.tenant,
        eventOf(request, 'uploads', false, { problem: name }),
      );
      if (name === 'internal') throw asVaultError(failure);
    }
    return outcome;
  };
}

async function take(services: UploadServices, request: UploadRequest): Promise<UploadOutcome> {
  const { idempotencyKey } = request;
  if (idempotencyKey !== null && !idempotencyKeyPattern.test(idempotencyKey)) {
    return { problem: { name: 'idempotency-key-invalid' } };
  }
  const product = getProduct(request.product);
  const source = readFile(request.contentType, request.body, {
    largestFile: services.settings.largestFile,
    signal: request.signal,
  });
  const earlier = await earlierUpload(services, request);
  if (earlier === null) return takeNew(services, request, product, source);
  const meter = new Meter(nodeDigest);
  for await (const bytes of source) meter.see(bytes);
  return repeat(services, request, earlier, meter.summary());
}

async function takeNew(
  services: UploadServices,
  request: UploadRequest,
  product: Product,
  source: AsyncIterable<Uint8Array>,
): Promise<UploadOutcome> {
  const { uploads, files } = services;
  const { caller, mode, idempotencyKey, signal } = request;
  const { tenant, keyPrefix } = caller;
  const uploadId = await uploads.begin({
    tenant,
    product: product.slug,
    schemaVersion: product.version,
    mode: mode.kind,
    keyPrefix,
    idempotencyKey,
    secretFingerprint: fingerprintOf(mode),
  });
  let treated: TreatedFile | null = null;
  try {
    const output = await files.create(tenant, uploadId);
    try {
      const result = await treatFile(services, {
        mode,
        tenant,
        uploadId,
        product: product.slug,
        source,
        output,
        signal,
      });
      if ('problem' in result) {
        await output.discard();
        await giveUp(services, tenant, uploadId);
        return result;
      }
      treated = result;
      throwIfCancelled(signal);
      await output.commit();
    } catch (error) {
      await output.discard();
      throw error;
    }
    const receipt = await uploads.complete({
      tenant,
      uploadId,
      ...treated,
      event: eventOf(request, `upload:${uploadId}`, true, {
        rows: treated.rows,
        bytes: treated.received.bytes,
      }),
    });
    return { receipt, repeated: false };
  } catch (error) {
    const receipt = await giveUp(services, tenant, uploadId);
    if (receipt !== null) return { receipt, repeated: false };
    const winner = isDuplicate(error) ? await earlierUpload(services, request) : null;
    if (winner === null || treated === null) throw error;
    return repeat(services, request, winner, treated.received);
  }
}

function earlierUpload(
  { uploads }: UploadServices,
  { caller, idempotencyKey }: UploadRequest,
): Promise<KeyedUpload | null> {
  return idempotencyKey === null
    ? Promise.resolve(null)
    : uploads.findByKey(caller.tenant, idempotencyKey);
}

/** The answer to a file that comes with the key of an upload that was taken. */
async function repeat(
  { audit }: UploadServices,
  request: UploadRequest,
  { receipt: earlier, secretFingerprint }: KeyedUpload,
  received: FileSummary,
): Promise<UploadOutcome> {
  const same =
    earlier.sha256 === received.sha256 &&
    earlier.product === request.product &&
    earlier.mode === request.mode.kind &&
    // Other tokens than these would be expected under another secret.
    secretFingerprint === fingerprintOf(request.mode);
  if (!same) return { problem: { name: 'idempotency-conflict' } };
  const resource = `upload:${earlier.uploadId}`;
  await audit.record(
    request.caller.tenant,
    eventOf(request, resource, true, { rows: earlier.rows, bytes: earlier.bytes, repeated: true }),
  );
  return { receipt: earlier, repeated: true };
}

const fingerprintOf = (mode: UploadMode): string | null =>
  mode.kind === 'client' ? mode.secret.fingerprint : null;

/**
 * Leaves nothing of an upload. What cannot be removed now is left to the next sweep.
 * @returns its receipt, where it is completed after all: the database may lose its connection after
 *   it has committed
 */
async function giveUp(
  { uploads }: UploadServices,
  tenant: string,
  uploadId: string,
): Promise<Receipt | null> {
  try {
    return await uploads.discard(tenant, uploadId);
  } catch {
    // The row is there as long as there is anything else.
    return null;
  }
}

function eventOf(
  { caller, product, mode, address, userAgent }: UploadRequest,
  resource: string,
  success: boolean,
  details: NonNullable<AuditEvent['details']>,
): AuditEvent {
  return {
    actor: `key:${caller.keyPrefix}`,
    action: 'upload',
    resource,
    address,
    userAgent,
    success,
    // A product that nobody knows may be any text.
    details: { ...details, mode: mode.kind, ...(products.has(product) ? { product } : {}) },
  };
}
