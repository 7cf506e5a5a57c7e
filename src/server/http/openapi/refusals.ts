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
};

/** What any request may be answered: it cannot be read, or the receiver cannot go on. */
const always: readonly ProblemName[] = [
  'request-invalid',
  'body-idle',
  'header-too-large',
  'internal',
  'stopping',
];

/** What any request that needs a key may be answered besides. */
const withKey: readonly ProblemName[] = [
  'unauthorized',
  'scope-missing',
  'tenant-mismatch',
  'too-many-requests',
];

/** The refusals of a request without a key, by status. */
export const openRefusals = (...names: readonly ProblemName[]): Json =>
  refusals([...always, ...names]);

/** The refusals of a request with a key, by status. */
export const keyedRefusals = (...names: readonly ProblemName[]): Json =>
  refusals([...always, ...withKey, ...names]);

function refusals(names: readonly ProblemName[]): Json {
  const statuses = [...new Set(names.map((name): number => problems[name][0]))];
  return Object.fromEntries(
    statuses
      .sort((one, other) => one - other)
      .map((status) => [
        String(status),
        refusal(
          status,
          names.filter((name) => problems[name][0] === status),
        ),
      ]),
  );
}

function refusal(status: number, names: readonly ProblemName[]): Json {
  const headers = headersOf[status];
  return {
    description: names.map((name) => `\`${name}\`: ${problems[name][2]}.`).join('\n\n'),
    ...(headers === undefined ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: { type: { enum: names.map(problemType) }, status: { const: status } },
        },
      },
    },
  };
}
