import { type ProblemName, problems, problemType } from '../problems.ts';

/** Part of an OpenAPI document: plain JSON. */
export interface Json {
  readonly [name: string]: JsonValue;
}
type JsonValue = string | number | boolean | null | Json | readonly JsonValue[];

const retryAfter: Json = {
  'Retry-After': {
    description: 'Seconds after which it is worth another try (RFC 9110, section 10.2.3).',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
};

const headersOf: Readonly<Record<number, Json>> = {
  401: {
    'WWW-Authenticate': {
      description: 'RFC 9110, section 11.6.1.',
      required: true,
      schema: { const: 'Bearer' },
    },
  },
  429: retryAfter,
  503: retryAfter,
  507: retryAfter,
};

/** What any request may be answered: it cannot be read, or the receiver cannot go on. */
const always: readonly ProblemName[] = [
  'request-invalid',
  'body-idle',
  'header-too-large',
  'internal',
  'stopping',
];

/** What any request that needs a key may be answered besides: the key is looked up, and what is done recorded. */
const withKey: readonly ProblemName[] = [
  'database-unreachable',
  'unauthorized',
  'scope-missing',
  'tenant-mismatch',
  'too-many-requests',
];

/** A problem, with what is expected here where the table's words would be wrong. */
type Refusal = ProblemName | readonly [ProblemName, string];

/** The refusals of a request without a key, by status. */
export const openRefusals = (...names: readonly Refusal[]): Json =>
  refusals(new Map([...always, ...names].map(withDetail)));

/** The refusals of a request with a key, by status. */
export const keyedRefusals = (...names: readonly Refusal[]): Json =>
  refusals(new Map([...always, ...withKey, ...names].map(withDetail)));

const withDetail = (refused: Refusal): readonly [ProblemName, string] =>
  typeof refused === 'string' ? [refused, problems[refused][2]] : refused;

function refusals(details: ReadonlyMap<ProblemName, string>): Json {
  const names = [...details.keys()];
  const statuses = [...new Set(names.map((name): number => problems[name][0]))];
  return Object.fromEntries(
    statuses
      .sort((one, other) => one - other)
      .map((status) => [
        String(status),
        refusal(
          status,
          [...details].filter(([name]) => problems[name][0] === status),
        ),
      ]),
  );
}

function refusal(status: number, details: readonly (readonly [ProblemName, string])[]): Json {
  const headers = headersOf[status];
  return {
    description: details.map(([name, expected]) => `\`${name}\`: ${expected}.`).join('\n\n'),
    ...(headers === undefined ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: {
            type: { enum: details.map(([name]) => problemType(name)) },
            status: { const: status },
          },
        },
      },
    },
  };
}
