import { beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../../src/server/services.ts';
import {
  bearer,
  count,
  formType,
  newest,
  newKey,
  openTestServices,
  type RunningApp,
  startApp,
} from './support/app.ts';

let services: Services;
let receiver: RunningApp;
let key: string;

beforeAll(async () => {
  services = await openTestServices();
  receiver = await startApp(services);
  key = await newKey(services);
});

describe('the audit', () => {
  const events = '/api/v2/public/audit/events';
  const list = async (auditor: string, query: string) => {
    const answer = await receiver.ask(`${events}?${query}`, { headers: bearer(auditor) });
    return answer.json as { events: { seq: number; action: string }[]; next: string | null };
  };

  test('is listed newest first, page by page, as it was before the listing', async () => {
    const auditor = await newKey(services, 'pages');
    for (let i = 0; i < 4; i += 1) {
      await services.audit.record('pages', {
        actor: 'operator',
        action: 'key.list',
        resource: 'keys',
        success: i % 2 === 0,
      });
    }
    const first = await list(auditor, 'limit=3');
    expect(first.events.map(({ seq }) => seq)).toEqual([5, 4, 3]);
    const second = await list(auditor, `limit=3&cursor=${String(first.next)}`);
    expect(second.events.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(second.next).toBeNull();
    const filtered = await list(
      auditor,
      'action=key.list&success=false&actor=operator&from=2020-01-01&to=2999-01-01T00:00:00Z',
    );
    expect(filtered.events.map(({ seq }) => seq)).toEqual([5, 3]);
    expect((await list(auditor, 'action=audit.list')).events).toHaveLength(3);
    expect((await list(auditor, '')).events.length).toBeGreaterThan(5);
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=1e2',
    'limit=1&limit=2',
    'action=zebra',
    'success=yes',
    'from=yesterday',
    'to=2026-13-45',
    'cursor=Zebrafink',
    'actor=%00',
    'colour=Zebrafink',
  ])('refuses the query %s, and records that', async (query) => {
    const asked = { headers: bearer(key) };
    const exported = `/api/v2/public/audit/export?${query}`;
    for (const [action, answer] of [
      ['audit.list', await receiver.ask(`${events}?${query}`, asked)],
      ['audit.export', await receiver.ask(exported, { ...asked, method: 'POST' })],
    ] as const) {
      expect([answer.status, answer.problem]).toEqual([400, 'query-invalid']);
      expect(answer.text).not.toContain('Zebra');
      const { records } = await services.audit.page('acme', { limit: 1, action });
      expect(records).toEqual([
        expect.objectContaining({
          resource: 'audit',
          success: false,
          details: { problem: 'query-invalid' },
        }),
      ]);
      expect(JSON.stringify(records)).not.toContain('Zebra');
    }
  });

  test('says of a query what it expected', async () => {
    const detailOf = async (query: string) =>
      (await receiver.ask(`${events}?${query}`, { headers: bearer(key) })).json?.['detail'];
    expect(await detailOf('colour=red')).toBe(
      'unknown or repeated parameter: expected at most one each of limit, cursor, action, actor, success, from, to',
    );
    expect(await detailOf('action=zebra')).toMatch(
      /^expected one of the actions receiver\.start, .*vault\.resolve, .*rate-limit$/,
    );
  });

  test('is exported as NDJSON', async () => {
    const auditor = await newKey(services, 'export');
    const before = await count(services, 'export');
    const answer = await receiver.ask('/api/v2/public/audit/export', {
      method: 'POST',
      headers: bearer(auditor),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-velora-truncated']).toBe('false');
    expect(answer.headers['x-velora-next']).toBeUndefined();
    const rows = answer.text.trimEnd().split('\n');
    expect(rows).toHaveLength(before);
    expect(await newest(services, 'export')).toMatchObject({
      action: 'audit.export',
      details: { events: before, truncated: false },
    });
    const none = await receiver.ask('/api/v2/public/audit/export?action=vault.purge', {
      method: 'POST',
      headers: bearer(auditor),
    });
    expect([none.status, none.text, none.headers['x-velora-truncated']]).toEqual([
      200,
      '',
      'false',
    ]);
  });

  test.each(['application/json', formType, 'Zebra', ''])(
    'is not exported to a request with a body of type %j: its filters would not be read',
    async (type) => {
      const before = await count(services, 'acme');
      const answer = await receiver.ask('/api/v2/public/audit/export', {
        method: 'POST',
        headers: { ...bearer(key), ...(type === '' ? {} : { 'Content-Type': type }) },
        body: '{"action":"upload"}',
      });
      expect([answer.status, answer.problem]).toEqual([415, 'content-type-unsupported']);
      expect(answer.json?.['detail']).toBe('expected no body: filters are query parameters');
      expect(await count(services, 'acme')).toBe(before + 1);
      expect(await newest(services, 'acme')).toMatchObject({
        action: 'audit.export',
        resource: 'audit',
        success: false,
        details: { problem: 'content-type-unsupported' },
      });
    },
  );

  test('is exported to a request that names the type of no body', async () => {
    const answer = await receiver.ask('/api/v2/public/audit/export', {
      method: 'POST',
      headers: { ...bearer(key), 'Content-Type': 'application/json', 'Content-Length': '0' },
    });
    expect(answer.status).toBe(200);
  });

  test('is exported 10,000 rows at a time, without one twice or left out', async () => {
    const auditor = await newKey(services, 'large');
    await services.database.as('large', (transaction) =>
      transaction.query(
        `insert into velora.audit_records select tenant, seq + 1000, at, actor, 'upload', resource, address,
           user_agent, success, details, previous_hash, hash
         from velora.audit_records r, generate_series(1, 10003) as seq where r.seq = 1`
          .replace('seq + 1000', 'series.seq + 1000')
          .replace('as seq where', 'as series(seq) where'),
      ),
    );
    const seqs: number[] = [];
    const truncated: unknown[] = [];
    let query = '?action=upload';
    for (let i = 0; i < 2; i += 1) {
      const answer = await receiver.ask(`/api/v2/public/audit/export${query}`, {
        method: 'POST',
        headers: bearer(auditor),
      });
      truncated.push(answer.headers['x-velora-truncated']);
      for (const line of answer.text.trimEnd().split('\n')) {
        seqs.push((JSON.parse(line) as { seq: number }).seq);
      }
      query = `?action=upload&cursor=${String(answer.headers['x-velora-next'])}`;
    }
    expect(truncated).toEqual(['true', 'false']);
    expect(seqs).toEqual(Array.from({ length: 10003 }, (_, i) => 11003 - i));
  });
});
