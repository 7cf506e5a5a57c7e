import { type Json, keyedRefusals } from './refusals.ts';
import { product, token, uploadId } from './schemas.ts';

const receipt: Json = {
  'application/json': { schema: { $ref: '#/components/schemas/Receipt' } },
};
const idParameter: Json = { name: 'id', in: 'path', required: true, schema: uploadId };

function header(name: string, description: string, schema: Json): Json {
  return { name, in: 'header', required: false, description, schema };
}

const upload: Json = {
  operationId: 'secureUpload',
  summary: 'Takes a CSV file',
  description:
    'Exactly one of the three headers `X-Velora-Vault-Mode`, `X-Velora-Vault-Key` and `X-Velora-Customer-Id` chooses who holds the secret. Nothing is kept of an upload that is refused.',
  security: [{ apiKey: ['upload:write'] }],
  parameters: [
    { name: 'product', in: 'path', required: true, schema: product },
    header('X-Velora-Vault-Mode', 'The file was tokenized by the sender.', {
      const: 'pretokenized',
    }),
    header('X-Velora-Vault-Key', 'Secret of the sender, in memory for this request only.', {
      type: 'string',
      pattern: '^[0-9A-Fa-f]{64}$',
    }),
    header('X-Velora-Customer-Id', 'The customer whose secret is kept here: that of the API key.', {
      type: 'string',
    }),
    header(
      'Idempotency-Key',
      'Repeated with the same file, product and mode, it gives the same answer, and nothing is taken twice.',
      { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
    ),
  ],
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file'],
          properties: { file: { type: 'string', format: 'binary' } },
        },
        encoding: { file: { contentType: 'text/csv' } },
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
          schema: { type: 'string', pattern: '^/api/v2/uploads/upl_[0-9a-f]{32}$' },
        },
        'Idempotency-Replayed': {
          description: 'There where this is the answer of an earlier request.',
          schema: { const: 'true' },
        },
      },
      content: receipt,
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
            'Content-Disposition': { required: true, schema: { type: 'string' } },
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
