import { setTimeout as wait } from 'node:timers/promises';
import { Meter } from '../core/digest.ts';
import { VaultError } from '../core/errors.ts';
import { getProduct } from '../core/schema.ts';
import {
  afterAnswer,
  afterSilence,
  type AfterAttempt,
  idempotencyKeyOf,
  neutralFileName,
  pauseAfter,
  type Receipt,
  receiptOf,
  uploadAddress,
  uploadHeaders,
} from '../core/upload.ts';
import { metered } from '../core/stages.ts';
import { version } from '../core/version.ts';
import { nodeDigest } from '../node/node-digest.ts';
import { assertNoFinding, type CheckOptions, checkTokenized, sayFindings } from './check.ts';
import { inputFailure } from './failure.ts';
import { openInput } from './input.ts';
import { print } from './output.ts';
import { megabytes, ProgressBar } from './progress.ts';
import { countOf, say } from './say.ts';
import { readUploadToken } from './secret-source.ts';
import { nameForPeople } from './system-errors.ts';
import { type CheckedFile, multipartBody } from './upload-body.ts';
import { certificateRefusal } from './upload-certificate.ts';
import { type Attempt, sendOnce } from './upload-request.ts';

export interface UploadOptions extends CheckOptions {
  readonly url: string;
  readonly tokenEnv: string;
  readonly idempotencyKey?: boolean;
  readonly repeatUnanswered?: boolean;
  readonly quiet?: boolean;
}

/** `velora-vault upload`: one tokenized file, checked, to the receiver. */
export async function uploadCommand(path: string, options: UploadOptions): Promise<void> {
  const { slug } = getProduct(options.product);
  const address = uploadAddress(options.url, slug);
  const token = readUploadToken(options.tokenEnv);
  const file = await checkFile(path, options);
  const name = neutralFileName(slug, file.sha256);
  if (options.quiet !== true) {
    say(`sending ${name}, ${megabytes(file.bytes)} MB, to ${nameForPeople(address)}`);
  }
  const key = options.idempotencyKey === true ? idempotencyKeyOf(slug, file.sha256) : undefined;
  const { answer, attempts } = await sendPatiently(
    address,
    { ...uploadHeaders(token, key), 'User-Agent': `velora-vault/${version}` },
    file,
    name,
    options,
  );
  const receipt = receiptOf(answer.body);
  warnOfDifference(receipt, file);
  const { sha256, bytes } = file;
  const result = { status: answer.status, attempts, name, bytes, sha256, receipt };
  await print(`${JSON.stringify(result, null, 2)}\n`);
}

interface CheckedCsv extends CheckedFile {
  readonly rows: number;
}

/** Checks the file as `verify` does: with a finding nothing is sent. */
async function checkFile(path: string, options: UploadOptions): Promise<CheckedCsv> {
  if (path === '-') {
    throw new VaultError('option-invalid', 'expected the path of a file: it is read twice');
  }
  const input = await openInput(path);
  const bar = new ProgressBar(input.size, options.quiet !== true);
  try {
    if (input.gzip || input.size === undefined) {
      throw new VaultError(
        'input-unreadable',
        `${input.name}: expected the tokenized CSV itself, a regular file that is not compressed`,
      );
    }
    const meter = new Meter(nodeDigest);
    const source = metered(input.source, meter);
    const checked = await checkTokenized({ ...input, source }, options, bar);
    sayFindings(checked, input.name, true);
    assertNoFinding(checked, options.product);
    return { path, rows: checked.rows, ...meter.summary() };
  } catch (error) {
    bar.clear();
    throw inputFailure(error, input.name);
  }
}

async function sendPatiently(
  address: string,
  headers: Readonly<Record<string, string>>,
  file: CheckedCsv,
  name: string,
  options: UploadOptions,
): Promise<{ answer: NonNullable<Attempt['answer']>; attempts: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const body = multipartBody(file, name);
    const bar = new ProgressBar(body.length, options.quiet !== true);
    const ended = await sendOnce(
      address,
      { ...headers, 'Content-Type': body.contentType },
      body,
      (bytes) => {
        bar.update(bytes, file.rows);
      },
    ).finally(() => {
      bar.clear();
    });
    const next = whatNext(ended, body.length, attempt, options.repeatUnanswered === true);
    if (next.kind === 'refused') throw withCause(next.error, ended.cause);
    if (next.kind === 'done' && ended.answer !== null) {
      return { answer: ended.answer, attempts: attempt };
    }
    const seconds = next.kind === 'retry' ? next.seconds : 0;
    if (options.quiet !== true) {
      const why =
        ended.answer === null
          ? 'no answer'
          : `the receiver answered ${String(ended.answer.status)}`;
      say(`attempt ${String(attempt)}: ${why}; again in ${String(Math.ceil(seconds))} s`);
    }
    await wait(1000 * seconds);
  }
}

function whatNext(
  { answer, cause, sent }: Attempt,
  total: number,
  attempt: number,
  repeatUnanswered: boolean,
): AfterAttempt {
  if (answer !== null) {
    return afterAnswer(answer, attempt);
  }
  const untrusted = certificateRefusal(cause);
  if (untrusted !== undefined) return { kind: 'refused', error: untrusted };
  const next = afterSilence(sent, total, attempt);
  if (next.kind !== 'ask') return next;
  if (!repeatUnanswered) return { kind: 'refused', error: next.error };
  return { kind: 'retry', seconds: pauseAfter(attempt) };
}

/** A system's code for why there is no connection, such as ECONNREFUSED, helps who looks for it. */
function withCause(error: VaultError, cause: string | undefined): VaultError {
  if (cause === undefined || error.code !== 'upload-unreachable') return error;
  return VaultError.fromPlain({ ...error.toPlain(), message: `${error.message} (${cause})` });
}

function warnOfDifference(receipt: Receipt, file: CheckedCsv): void {
  if (receipt.sha256 !== null && receipt.sha256 !== file.sha256) {
    say('velora-vault: the receiver tells another SHA-256 than that of the file: ask the receiver');
  }
  if (receipt.rows !== null && receipt.rows !== file.rows) {
    say(
      `velora-vault: the receiver tells ${countOf(receipt.rows, 'row')}, the file has ${countOf(file.rows, 'row')}: ask the receiver`,
    );
  }
}
