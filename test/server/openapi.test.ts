import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, test } from 'vitest';
import { problems, problemType } from '../../src/server/http/problems.ts';
import type { Services } from '../../src/server/services.ts';
import { newKey, openTestServices, type RunningApp, startApp } from './support/app.ts';
import { assertDocumented, documentedPaths } from './support/conformance.ts';

let services: Services;
let receiver: RunningApp;

beforeAll(async () => {
  services = await openTestServices();
  receiver = await startApp(services);
});

test('the document that is served is valid OpenAPI 3.1', async () => {
  const { status, json } = await receiver.ask('/api/v2/openapi.json');
  expect(status).toBe(200);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(json ?? {});
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
  const broken = await new Validator().validate({ ...json, paths: { nowhere: 1 } });
  expect(broken.valid).toBe(false);
});

test('it describes the routes that there are, and no others', () => {
  const running = receiver.app.documentedRoutes.map(
    ({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`,
  );
  const documented = Object.entries(documentedPaths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(running.length).toBeGreaterThan(7);
  expect(documented.sort()).toEqual(running.sort());
  for (const { method, url } of receiver.app.documentedRoutes) {
    expect(receiver.app.hasRoute({ method: method, url })).toBe(true);
  }
});

test('every problem that an operation can be is listed with it, but for unknown addresses', () => {
  const text = JSON.stringify(documentedPaths);
  const unlisted = (Object.keys(problems) as (keyof typeof problems)[]).filter(
    (name) => !text.includes(`"${problemType(name)}"`),
  );
  expect(unlisted.sort()).toEqual(['method-not-allowed', 'not-found']);
});

test('its example of an upload is answered as it says', async () => {
  const { requestBody, responses } = documentedPaths['/api/v2/secure-upload/{product}']?.[
    'post'
  ] as unknown as {
    requestBody: { content: Record<string, { example: { file: string } }> };
    responses: Record<string, { content: Record<string, { example: object }> }>;
  };
  const { file } = requestBody.content['multipart/form-data']?.example ?? { file: '' };
  const expected = responses['201']?.content['application/json']?.example ?? {};
  const answer = await receiver.upload(await newKey(services), file);
  const { uploadId, completedAt } = answer.json as { uploadId: string; completedAt: string };
  expect(answer.json).toEqual({ ...expected, uploadId, completedAt });
  expect(() => {
    assertDocumented({
      ...answer,
      method: 'POST',
      path: '/api/v2/secure-upload/claims_replay',
      text: JSON.stringify(expected),
    });
  }).not.toThrow();
});

describe('answers of the tests are held to it', () => {
  const health = {
    method: 'GET',
    path: '/healthz',
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    text: '{"status":"ok"}',
  };
  const busy = {
    method: 'GET',
    path: '/healthz',
    status: 503,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '5' },
    text: JSON.stringify({
      type: problemType('stopping'),
      title: 'stopping',
      status: 503,
      detail: 'x',
      instance: `urn:velora:request:${'0'.repeat(32)}`,
    }),
  };

  test('so that a right one passes', () => {
    expect(() => {
      assertDocumented(health);
      assertDocumented(busy);
    }).not.toThrow();
  });

  test.each([
    ['another status', { ...health, status: 201 }],
    ['another type', { ...health, headers: { 'content-type': 'text/html' } }],
    ['another body', { ...health, text: '{"status":"fine"}' }],
    ['a further field', { ...health, text: '{"status":"ok","value":1}' }],
    ['another path', { ...health, path: '/health' }],
    ['another method', { ...health, method: 'POST' }],
    ['a missing header', { ...busy, headers: { 'content-type': 'application/problem+json' } }],
    ['a wrong header', { ...busy, headers: { ...busy.headers, 'retry-after': 'soon' } }],
    [
      'a problem of another operation',
      { ...busy, text: busy.text.replace(/problem:stopping/, 'problem:busy') },
    ],
  ])('and one with %s does not', (_, answer) => {
    expect(() => {
      assertDocumented(answer);
    }).toThrow(answer.path);
  });
});
