import { productSlugs } from '../../../core/schema.ts';
import { auditActions } from '../../audit/audit-log.ts';
import { largestPage } from '../../audit/pages.ts';
import { tokenPattern } from '../../vault/entries.ts';
import { uploadIdForm } from '../forms.ts';
import { type ProblemName, problems, problemType } from '../problems.ts';
import { recordedActions } from './recorded-actions.ts';
import type { Json } from './refusals.ts';

const sha256: Json = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const count: Json = { type: 'integer', minimum: 0 };
const place: Json = { type: 'integer', minimum: 1 };
const header: Json = { type: 'string', description: 'Its header, where that cannot be a value.' };

function object(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

const allTypes = (Object.keys(problems) as ProblemName[]).map(problemType);

export const uploadId: Json = { type: 'string', pattern: uploadIdForm.source };
export const token: Json = { type: 'string', pattern: tokenPattern.source };
export const product: Json = { type: 'string', enum: [...productSlugs] };

/** What is sent and answered, as JSON Schema (draft 2020-12). */
export const schemas: Json = {
  Receipt: object({
    uploadId,
    product,
    schemaVersion: {
      type: 'string',
      description: 'Version of the product that was checked against.',
    },
    mode: {
      enum: ['pretokenized', 'client', 'server'],
      description:
        'By the header that chose it: `pretokenized` by X-Velora-Vault-Mode, `client` by X-Velora-Vault-Key, `server` by X-Velora-Customer-Id.',
    },
    rows: { ...count, description: 'Data rows, without the header.' },
    bytes: { ...count, description: 'Length of the file that was received.' },
    sha256: { ...sha256, description: 'SHA-256 (FIPS 180-4) of the file that was received.' },
    tokenized: {
      ...object({ bytes: count, sha256 }),
      description: 'The tokenized file that is kept; the one received, where it came tokenized.',
    },
    completedAt: { type: 'string', format: 'date-time' },
  }),
  Original: object({
    token,
    column: { type: 'string', description: 'Name of the column in the catalogue.' },
    original: { type: 'string', description: 'The value that the token stands for.' },
  }),
  AuditRecord: object({
    tenant: { type: 'string' },
    seq: { ...place, description: 'Place in the chain of the tenant, from 1, without gaps.' },
    at: { type: 'string', format: 'date-time' },
    actor: {
      type: 'string',
      description:
        'Who did it: `key:<first 8 digits of an API key>`, `operator` (the command line), `receiver` (itself) or `anonymous`.',
    },
    action: { enum: [...auditActions], description: recordedActions },
    resource: {
      type: 'string',
      description: 'What it was done to; see `action`. Never a text out of the request.',
    },
    address: { type: ['string', 'null'] },
    userAgent: { type: ['string', 'null'] },
    success: { type: 'boolean' },
    details: {
      type: 'object',
      description:
        'Further facts; see `action`. `problem` is the last part of the type of the problem that was answered.',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
    previousHash: sha256,
    hash: { ...sha256, description: 'Covers this record and `previousHash`.' },
  }),
  AuditPage: object({
    events: {
      type: 'array',
      maxItems: largestPage,
      items: { $ref: '#/components/schemas/AuditRecord' },
    },
    next: {
      type: ['string', 'null'],
      description: 'Cursor of the next page, for the same filters; null on the last one.',
    },
  }),
  Health: object({ status: { const: 'ok' } }),
  Problem: object(
    {
      type: { enum: allTypes, description: 'Never changes; leads nowhere.' },
      title: { type: 'string' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string', description: 'What was expected. Never a value of a cell.' },
      instance: { type: 'string', pattern: '^urn:velora:request:[0-9a-f]{32}$' },
      code: { type: 'string', description: 'Code of the fault in the file.' },
      rule: { type: 'string' },
      line: place,
      row: { ...count, description: 'Data row, from 1.' },
      column: { ...place, description: 'Column of the file, from 1.' },
      header,
      findings: {
        type: 'array',
        maxItems: 20,
        description: 'The first findings, in the order of the file.',
        items: object(
          {
            column: place,
            row: {
              ...count,
              description: 'Data row, from 1; 0 where the column should not be there.',
            },
            rule: { enum: ['token', 'year', 'zip3', 'age90', 'ssn', 'email', 'absent'] },
            header,
          },
          ['header'],
        ),
      },
      counts: {
        type: 'array',
        description: 'Findings of each column that has any.',
        items: object({ column: place, header, findings: place }, ['header']),
      },
    },
    ['code', 'rule', 'line', 'row', 'column', 'header', 'findings', 'counts'],
  ),
};
