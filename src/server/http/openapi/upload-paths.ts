import { getProduct } from '../../../core/schema.ts';
import { uploadField } from '../../../core/upload.ts';
import { tenantPattern } from '../../access/tenants.ts';
import { idempotencyKeyPattern } from '../../uploads/uploads.ts';
import { formMediaType, uploadIdForm } from '../forms.ts';
import { type Json, keyedRefusals } from './refusals.ts';
import { product, token, uploadId } from './schemas.ts';

const receipt: Json = {
  'application/json': { schema: { $ref: '#/components/schemas/Receipt' } },
};
const idParameter: Json = { name: 'id', in: 'path', required: true, schema: uploadId };

/** An upload in mode `pretokenized`, and what is answered. */
const example = {
  product: 'claims_replay',
  file: 'member_id,patient_last_name,dob,zip,units\nMBR_0123456789abcdef,NAM_fedcba9876543210,1980,787,2\n',
  bytes: 95,
  sha256: '1bf452f8f089c0fbe480eec7ca8a27c733e92096918af38702e0cebe06665d42',
  uploadId: `upl_${'0123456789abcdef'.repeat(2)}`,
} as const;

const exampleReceipt: Json = {
  uploadId: example.uploadId,
  product: example.product,
  schemaVersion: getProduct(example.product).version,
  mode: 'pretokenized',
  rows: 1,
  bytes: example.bytes,
  sha256: example.sha256,
  tokenized: { bytes: example.bytes, sha256: example.sha256 },
  completedAt: '2026-11-22T10:00:00.000Z',
};

function header(name: string, description: string, schema: Json): Json {
  return { name, in: 'header', required: false, description, schema };
}

const upload: Json = {
  operationId: 'secureUpload',
  summary: 'Takes a CSV file',
  description:
    'Exactly one of three headers chooses who holds the secret: `X-Velora-Vault-Mode` gives the mode `pretokenized`, `X-Velora-Vault-Key` the mode `client`, `X-Velora-Customer-Id` the mode `server`. Nothing is kept of an upload that is refused.',
  security: [{ apiKey: ['upload:write'] }],
  parameters: [
    { name: 'product', in: 'path', required: true, schema: product },
    header('X-Velora-Vault-Mode', 'Mode `pretokenized`: the file was tokenized by the sender.', {
      const: 'pretokenized',
    }),
    header(
      'X-Velora-Vault-Key',
      'Mode `client`: secret of the sender, in memory for this request only.',
      {
        type: 'string',
        pattern: '^[0-9A-Fa-f]{64}$',
      },
    ),
    header(
      'X-Velora-Customer-Id',
      'Mode `server`: the customer whose secret is kept here, which is that of the API key.',
      {
        type: 'string',
        pattern: tenantPattern.source,
      },
    ),
    header(
      'Idempotency-Key',
      'Repeated with the same file, product and mode, it gives the same answer, and nothing is taken twice.',
      { type: 'string', pattern: idempotencyKeyPattern.source },
    ),
  ],
  requestBody: {
    required: true,
    content: {
      [formMediaType]: {
        schema: {
          type: 'object',
          required: [uploadField],
          properties: {
            [uploadField]: {
              type: 'string',
              format: 'binary',
              description:
                'A CSV file: UTF-8 with or without a byte order mark, or UTF-16 with one; never compressed. The delimiter is comma, semicolon, tab or pipe, and is found. The first record is the header.',
            },
          },
        },
        encoding: { [uploadField]: { contentType: 'text/csv' } },
        example: { [uploadField]: example.file },
      },
    },
  },
  responses: {
    '201': {
      description: 'The file was taken.',
      headers: {
        Location: {
          description: 'Address of the receipt.',
          required: true,
          schema: {
            type: 'string',
            pattern: uploadIdForm.source.replace('^', '^/api/v2/uploads/'),
          },
        },
        'Idempotency-Replayed': {
          description: 'There where this is the answer of an earlier request.',
          schema: { const: 'true' },
        },
      },
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/Receipt' },
          example: exampleReceipt,
        },
      },
    },
    ...keyedRefusals(
      'vault-mode-required',
      'ambiguous-vault-mode',
      'vault-mode-unknown',
      'vault-key-invalid',
      'idempotency-key-invalid',
      'plaintext-detected-in-tokenize-column',
      'plaintext-detected-in-generalize-column',
      'column-to-be-dropped',
      'identifier-in-kept-column',
      'column-undecided',
      'header-not-accepted',
      'tokens-found',
      'csv-invalid',
      'file-empty',
      'file-missing',
      'file-repeated',
      'form-invalid',
      'product-unknown',
      'idempotency-conflict',
      'file-too-large',
      'content-type-unsupported',
      'busy',
      'storage-full',
    ),
  },
};

export const uploadPaths: Json = {
  '/api/v2/secure-upload/{product}': { post: upload },
  '/api/v2/uploads/{id}': {
    get: {
      operationId: 'readUpload',
      summary: 'The receipt of an upload',
      security: [{ apiKey: ['uploads:read'] }],
      parameters: [idParameter],
      responses: {
        '200': { description: 'The receipt.', content: receipt },
        ...keyedRefusals('query-invalid', 'upload-unknown'),
      },
    },
  },
  '/api/v2/uploads/{id}/file': {
    get: {
      operationId: 'readUploadedFile',
      summary: 'The tokenized file of an upload',
      security: [{ apiKey: ['uploads:read'] }],
      parameters: [idParameter],
      responses: {
        '200': {
          description: 'The file.',
          headers: {
            'Content-Disposition': {
              description: 'A name of the product and the first 8 characters of the SHA-256.',
              required: true,
              schema: { type: 'string' },
            },
            'Content-Length': { required: true, schema: { type: 'integer', minimum: 0 } },
            ETag: {
              description: 'SHA-256 of the file, in quotes.',
              required: true,
              schema: { type: 'string', pattern: '^"[0-9a-f]{64}"$' },
            },
          },
          content: { 'text/csv': { schema: { type: 'string' } } },
        },
        ...keyedRefusals('query-invalid', 'upload-unknown'),
      },
    },
  },
  '/api/v2/vault/resolve': {
    get: {
      operationId: 'resolveToken',
      summary: 'The original of a token that was made here',
      description: 'Every request is recorded, whether there is an original or not.',
      security: [{ apiKey: ['vault:resolve'] }],
      parameters: [{ name: 'token', in: 'query', required: true, schema: token }],
      responses: {
        '200': {
          description: 'The original.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Original' } } },
        },
        ...keyedRefusals('query-invalid', 'token-unknown'),
      },
    },
  },
};
