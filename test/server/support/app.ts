import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll } from 'vitest';
import { type Scope, scopes } from '../../../src/server/access/api-keys.ts';
import type { AuditRecord } from '../../../src/server/audit/audit-log.ts';
import { createApp } from '../../../src/server/http/app.ts';
import { openServices, type Services } from '../../../src/server/services.ts';
import { defaultSettings, type Settings } from '../../../src/server/settings.ts';
import { createUploadTaker } from '../../../src/server/uploads/take-upload.ts';
import { assertDocumented } from './conformance.ts';

/** A real answer, read to its end, that was held to the OpenAPI document. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body where it is JSON, else null. */
  readonly json: Record<string, unknown> | null;
  /** The last part of the problem's type, where the body is a problem document. */
  readonly problem: string | null;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A receiver's HTTP interface on 127.0.0.1, with everything that it answered and logged. */
export interface RunningApp {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly url: string;
  readonly log: string[];
  readonly answers: string[];
  readonly ask: (path: string, asked?: Asked) => Promise<Answer>;
  /** An upload of one file, in pretokenized mode unless told otherwise. */
  readonly upload: (
    key: string,
    file: string | Uint8Array,
    asked?: Asked & { product?: string },
  ) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** Services on an embedded database of their own, closed and removed after the tests. */
export async function openTestServices(settings: Partial<Settings> = {}): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'velora-http-'));
  const services = await openServices(
    { ...defaultSettings, ...settings, folder, port: 0 },
    randomBytes(32),
  );
  afterAll(async () => {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return services;
}

/** An API key of a tenant, with all scopes unless told otherwise. */
export async function newKey(
  { apiKeys }: Services,
  tenant = 'acme',
  of: readonly Scope[] = scopes,
): Promise<string> {
  return (await apiKeys.create({ tenant, name: 'test', scopes: of, expiresAt: null })).key;
}

/**
 * Listens with these services.
 * @param settings instead of those of the services
 * @param parts instead of the services' own
 * @param prepare changes the interface before it listens
 */
export async function startApp(
  services: Services,
  settings: Partial<Settings> = {},
  parts: Partial<Services> = {},
  prepare: (app: FastifyInstance) => void = () => undefined,
): Promise<RunningApp> {
  const all = { ...services.settings, ...settings };
  const taker = createUploadTaker({ ...services, ...parts, settings: all });
  const log: string[] = [];
  const app = await createApp(
    { ...services, takeUpload: taker, ...parts, settings: all },
    { write: (line) => log.push(line) },
  );
  prepare(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}`;
  const answers: string[] = [];
  const ask = async (path: string, asked: Asked = {}): Promise<Answer> => {
    const answer = await askOnce(url, path, asked);
    answers.push(JSON.stringify(answer.headers), answer.text);
    if (asked.method === 'OPTIONS') return answer;
    assertDocumented({
      method: asked.method ?? 'GET',
      path: path.split('?')[0] ?? '',
      ...answer,
    });
    return answer;
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= Promise.resolve(app.close()));
  afterAll(close);
  return {
    app,
    port,
    url,
    log,
    answers,
    ask,
    upload: (key, file, { product = 'claims_replay', headers, ...asked } = {}) =>
      ask(`/api/v2/secure-upload/${product}`, {
        method: 'POST',
        body: form(file),
        ...asked,
        headers: {
          ...bearer(key),
          'Content-Type': formType,
          ...(headers ?? { 'X-Velora-Vault-Mode': 'pretokenized' }),
        },
      }),
    close,
  };
}

const boundary = 'boundary-of-the-test';
export const formType = `multipart/form-data; boundary=${boundary}`;

/** A part of a form, and the end of one. */
export const part = (content: string | Uint8Array, disposition = 'name="file"; filename="a.csv"') =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ]);
export const formEnd = Buffer.from(`--${boundary}--\r\n`);

/** A form of one file. */
export const form = (file: string | Uint8Array): Buffer => Buffer.concat([part(file), formEnd]);

/** Sends all of a request, then reads all of the answer: as browsers do. */
function askOnce(url: string, path: string, asked: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = asked;
    const sent = request(`${url}${path}`, {
      method,
      agent: false,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(pieces)));
      });
    });
    sent.end(body);
  });
}

function answerOf(status: number, headers: Answer['headers'], body: Buffer): Answer {
  const text = body.toString('utf8');
  const type = String(headers['content-type'] ?? '');
  const json = /^application\/(?:problem\+)?json/.test(type)
    ? (JSON.parse(text) as Record<string, unknown>)
    : null;
  const problem = type.startsWith('application/problem+json')
    ? String(json?.['type']).replace('urn:velora:problem:', '')
    : null;
  return { status, headers, text, json, problem };
}

export const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` });

/** Headers of an upload in pretokenized mode. */
export const uploadHeaders = (key: string): Record<string, string> => ({
  ...bearer(key),
  'Content-Type': formType,
  'X-Velora-Vault-Mode': 'pretokenized',
});

/** The newest audit record of a tenant. */
export async function newest(
  { audit }: Services,
  tenant: string,
): Promise<AuditRecord | undefined> {
  return (await audit.page(tenant, { limit: 1 })).records[0];
}

/** How many audit records a tenant has. */
export const count = async ({ audit }: Services, tenant: string): Promise<number> =>
  (await audit.head(tenant)).count;

/** What there is of uploads of the tenant `acme` that were not completed. */
export const unfinished = ({ database }: Services): Promise<unknown[]> =>
  database.as('acme', (transaction) =>
    transaction.query('select id from velora.uploads where completed_at is null'),
  );

/** A small file as it leaves the sender in pretokenized mode, and one that was never tokenized. */
export const tokenized =
  'member_id,patient_last_name,dob,zip,units\nMBR_0123456789abcdef,NAM_fedcba9876543210,1980,787,2\n';
export const original =
  'member_id,patient_last_name,dob,zip,units\nM00000017,Zebrafink,1980-01-02,78701,2\n';

/** Takes uploads once it is told to. */
export function heldBack(services: Services): {
  readonly takeUpload: Services['takeUpload'];
  readonly release: () => void;
  /** Resolves when the first upload has come. */
  readonly begun: Promise<void>;
  /** How many have come. */
  readonly count: () => number;
} {
  const take = createUploadTaker(services);
  let come = 0;
  let release: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return {
    takeUpload: async (request) => {
      come += 1;
      begin();
      await released;
      return take(request);
    },
    release,
    begun,
    count: () => come,
  };
}
