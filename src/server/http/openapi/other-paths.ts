import { auditActions } from '../../audit/audit-log.ts';
import { largestPage } from '../../audit/pages.ts';
import { largestExport, noBody } from '../audit-routes.ts';
import { defaultLimit } from '../queries.ts';
import { type Json, keyedRefusals, openRefusals } from './refusals.ts';

function query(name: string, description: string, schema: Json): Json {
  return { name, in: 'query', required: false, description, schema };
}

const time: Json = { type: 'string', format: 'date-time' };
const filters: readonly Json[] = [
  query('cursor', 'Where to go on, for the same filters.', { type: 'string' }),
  query('action', 'Records of this action only.', { enum: [...auditActions] }),
  query('actor', 'Records of this actor only, such as `key:1a2b3c4d`.', { type: 'string' }),
  query('success', 'Records of what succeeded, or of what did not.', { enum: ['true', 'false'] }),
  query('from', 'Records from this time on.', time),
  query('to', 'Records before this time.', time),
];

export const auditPaths: Json = {
  '/api/v2/public/audit/events': {
    get: {
      operationId: 'listAuditEvents',
      summary: 'What happened to the data of the customer, newest first',
      security: [{ apiKey: ['audit:read'] }],
      parameters: [
        query('limit', 'Records of a page.', {
          type: 'integer',
          minimum: 1,
          maximum: largestPage,
          default: defaultLimit,
        }),
        ...filters,
      ],
      responses: {
        '200': {
          description: 'A page.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/AuditPage' } } },
        },
        ...keyedRefusals('query-invalid'),
      },
    },
  },
  '/api/v2/public/audit/export': {
    post: {
      operationId: 'exportAuditEvents',
      summary: `The same as a file, newest first, at most ${String(largestExport)} records`,
      description: 'Without a body: the filters are query parameters.',
      security: [{ apiKey: ['audit:export'] }],
      parameters: filters,
      responses: {
        '200': {
          description: 'One `AuditRecord` a line.',
          headers: {
            'X-Velora-Truncated': {
              description: 'Whether there are more than these.',
              required: true,
              schema: { enum: ['true', 'false'] },
            },
            'X-Velora-Next': {
              description: 'Cursor with which the next export goes on, where there are more.',
              schema: { type: 'string' },
            },
          },
          content: {
            'application/x-ndjson': { schema: { type: 'string' } },
          },
        },
        ...keyedRefusals('query-invalid', ['content-type-unsupported', noBody]),
      },
    },
  },
};

export const openPaths: Json = {
  '/api/v2/openapi.json': {
    get: {
      operationId: 'readDescription',
      summary: 'This document',
      security: [],
      responses: {
        '200': {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...openRefusals(),
      },
    },
  },
  '/healthz': {
    get: {
      operationId: 'readHealth',
      summary: 'Whether the receiver and its database answer, the latter within 5 seconds',
      security: [],
      responses: {
        '200': {
          description: 'They do.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } },
        },
        ...openRefusals('database-unreachable'),
      },
    },
  },
};
