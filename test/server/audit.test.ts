import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type AuditLog,
  type AuditQuery,
  type AuditRecord,
  createAuditLog,
} from '../../src/server/audit/audit-log.ts';
import { type Database, systemTenant } from '../../src/server/store/database.ts';
import { all, event, keyring, write } from './support/audit.ts';
import { eachDatabase } from './support/databases.ts';

async function collected(pages: AsyncIterable<AuditRecord[]>): Promise<AuditRecord[][]> {
  const read = [];
  for await (const page of pages) read.push(page);
  return read;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

eachDatabase('the audit log', (open, makePlace, kind) => {
  test('chains records whose hashes anybody can compute', async () => {
    const audit = createAuditLog(await open(), keyring);
    const before = Date.now();
    await audit.record('zebra', event(1));
    await audit.record('zebra', {
      actor: 'operator',
      action: 'key.list',
      resource: 'keys',
      success: false,
    });
    const [first, second] = await all(audit, 'zebra');
    expect(first).toMatchObject({ ...event(1), tenant: 'zebra', seq: 1 });
    expect(second).toMatchObject({
      tenant: 'zebra',
      seq: 2,
      actor: 'operator',
      address: null,
      userAgent: null,
      success: false,
      details: {},
    });
    expect(first?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(first?.at ?? '')).toBeLessThanOrEqual(Date.now());

    expect(first?.previousHash).toBe(sha256('["velora-receiver:audit-chain:v1","zebra"]'));
    expect(first?.hash).toBe(
      sha256(
        `["velora-receiver:audit-record:v1","zebra",1,"${first?.at ?? ''}","key:0123abcd","upload",` +
          '"upload:1","192.0.2.1","curl/8.0",true,' +
          `"{\\"rows\\":1,\\"mode\\":\\"server\\",\\"repeated\\":false}","${first?.previousHash ?? ''}"]`,
      ),
    );
    expect(second?.previousHash).toBe(first?.hash);
    expect(await audit.head('zebra')).toEqual({ count: 2, hash: second?.hash });
  });

  test('verifies whatever the millisecond and the text of a record', async () => {
    const database = await open();
    const audit = createAuditLog(database, keyring);
    const texts = ['', 'a\u0000b\u001b[31m', 'Zébra 🦓', '\ud800', '"\\,]', 'x'.repeat(5000)];
    for (const text of texts) {
      await audit.record('zebra', event(1, { resource: text, userAgent: text, details: { text } }));
    }
    const records = await all(audit, 'zebra');
    expect(records).toHaveLength(texts.length);
    for (const { userAgent, resource } of records) {
      expect(userAgent).toMatch(/^[\x20-\x7e]{0,200}$/);
      expect(resource).toBe(userAgent);
    }
    expect(records.map(({ details }) => details['text'])).toEqual(texts);
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: texts.length });
  });

  test('keeps one chain a tenant and one for the system, and shows each only its own', async () => {
    const database = await open();
    const audit = createAuditLog(database, keyring);
    await write(audit, 'zebra', 2);
    await write(audit, 'acme', 3);
    await audit.record(systemTenant, { ...event(1), actor: 'receiver', action: 'receiver.start' });
    for (const [tenant, count] of [
      ['zebra', 2],
      ['acme', 3],
      [systemTenant, 1],
      ['nobody', 0],
    ] as const) {
      expect(await audit.verify(tenant)).toMatchObject({ ok: true, count });
      expect((await all(audit, tenant)).map((row) => row.tenant)).toEqual(
        Array.from({ length: count }, () => tenant),
      );
    }
    const seenBy = (tenant: string | null) =>
      database.as(tenant, (transaction) =>
        transaction.query(
          `select tenant from velora.audit_records union all select tenant from velora.audit_heads`,
        ),
      );
    expect(await seenBy('zebra')).toHaveLength(3);
    expect(await seenBy('nobody')).toEqual([]);
    expect(await seenBy(null)).toEqual([]);
  });

  test('takes no record in another tenant’s name, and lets nobody change or remove one', async () => {
    const database = await open();
    const audit = createAuditLog(database, keyring);
    await write(audit, 'zebra', 1);
    await expect(
      database.as('acme', (transaction) => audit.append(transaction, 'zebra', event(2))),
    ).rejects.toMatchObject({ code: '42501' });
    for (const statement of [
      "update velora.audit_records set actor = 'operator'",
      'delete from velora.audit_records',
      'delete from velora.audit_heads',
    ]) {
      await expect(
        database.as('zebra', (transaction) => transaction.query(statement)),
      ).rejects.toMatchObject({ code: '42501' });
    }
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 1 });
  });

  test('loses a record together with the transaction that it belongs to', async () => {
    const database = await open();
    const audit = createAuditLog(database, keyring);
    await write(audit, 'zebra', 1);
    await expect(
      database.as('zebra', async (transaction) => {
        await audit.append(transaction, 'zebra', event(2));
        await audit.append(transaction, 'zebra', event(3));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await database.as('zebra', async (transaction) => {
      await audit.append(transaction, 'zebra', event(4));
      await audit.append(transaction, 'zebra', event(5));
    });
    expect((await all(audit, 'zebra')).map(({ resource }) => resource)).toEqual([
      'upload:1',
      'upload:4',
      'upload:5',
    ]);
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 3 });
  });

  test('keeps one chain whoever writes at the same time, from the first record on', async () => {
    const place = await makePlace();
    const databases: Database[] = [await place.open()];
    if (kind === 'postgresql') databases.push(await place.open(), await place.open());
    const logs = databases.map((database) => createAuditLog(database, keyring));
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (logs[index % logs.length] as AuditLog).record('zebra', event(index)),
      ),
    );
    const [audit] = logs as [AuditLog];
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 50 });
    const resources = (await all(audit, 'zebra')).map(({ resource }) => resource);
    expect(new Set(resources).size).toBe(50);
  });

  test('verifies up to where it was, while records are added', async () => {
    const audit = createAuditLog(await open(), keyring);
    await write(audit, 'zebra', 20);
    const [verified] = await Promise.all([audit.verify('zebra'), write(audit, 'zebra', 20)]);
    expect(verified.ok).toBe(true);
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 40 });
  });

  test('replays and exports chains longer than a page', async () => {
    const database = await open();
    const audit = createAuditLog(database, keyring);
    await database.as('zebra', async (transaction) => {
      for (let index = 1; index <= 2100; index += 1) {
        await audit.append(transaction, 'zebra', event(index));
      }
    });
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 2100 });
    const pages = await collected(audit.exported('zebra', {}, 10_000));
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 100]);
    expect(pages.flat().map(({ seq }) => seq)).toEqual(
      Array.from({ length: 2100 }, (_, index) => 2100 - index),
    );
    const some = (await collected(audit.exported('zebra', {}, 1500))).flat();
    expect(some).toHaveLength(1500);
    const cursor = audit.cursorAfter('zebra', {}, some.at(-1)?.seq ?? 0);
    const rest = (await collected(audit.exported('zebra', { cursor }, 1500))).flat();
    expect(rest.map(({ seq }) => seq)).toEqual(Array.from({ length: 600 }, (_, i) => 600 - i));
  });

  test('lists newest first in pages that records in between do not disturb', async () => {
    const audit = createAuditLog(await open(), keyring);
    await write(audit, 'zebra', 7);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await audit.page('zebra', { limit: 3, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.records.map(({ seq }) => seq));
      cursor = page.next;
      await audit.record('zebra', event(0));
    } while (cursor !== null);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect((await audit.page('nobody', { limit: 3 })).next).toBeNull();
  });

  test('filters by action, actor, success and time', async () => {
    const audit = createAuditLog(await open(), keyring);
    await audit.record('zebra', event(1));
    await audit.record('zebra', event(2, { action: 'vault.resolve' }));
    await audit.record('zebra', event(3, { actor: 'anonymous', success: false }));
    // A millisecond later, so that the times of the records can be told apart.
    const third = Date.parse((await all(audit, 'zebra')).at(-1)?.at ?? '');
    while (Date.now() <= third) await new Promise((resolve) => setTimeout(resolve, 1));
    await audit.record('zebra', event(4, { actor: 'operator', action: 'key.list' }));
    const at = new Date((await all(audit, 'zebra')).at(-1)?.at ?? '');
    const seqs = async (filters: Omit<AuditQuery, 'limit'>) =>
      (await audit.page('zebra', { ...filters, limit: 10 })).records.map(({ seq }) => seq);
    expect(await seqs({ action: 'vault.resolve' })).toEqual([2]);
    expect(await seqs({ actor: 'key:0123abcd' })).toEqual([2, 1]);
    expect(await seqs({ success: false })).toEqual([3]);
    expect(await seqs({ success: true, actor: 'operator', action: 'key.list' })).toEqual([4]);
    expect(await seqs({ from: at })).toEqual([4]);
    expect(await seqs({ to: at })).toEqual([3, 2, 1]);
    expect(await seqs({ from: new Date(at.getTime() + 1) })).toEqual([]);
    expect(await seqs({ actor: "' or true --" })).toEqual([]);
    const exported = await collected(audit.exported('zebra', { success: true }, 2));
    expect(exported.flat().map(({ seq }) => seq)).toEqual([4, 2]);
  });

  test('takes a cursor for the same tenant and filters only, and none that was made up', async () => {
    const audit = createAuditLog(await open(), keyring);
    await write(audit, 'zebra', 3);
    await write(audit, 'acme', 3);
    const { next } = await audit.page('zebra', { limit: 1, success: true });
    const cursor = next ?? '';
    expect(cursor).toMatch(/^[A-Za-z0-9_-]{54}$/);
    const again = await audit.page('zebra', { limit: 2, success: true, cursor });
    expect(again.records.map(({ seq }) => seq)).toEqual([2, 1]);

    const place = Buffer.from(cursor, 'base64url').subarray(0, 8);
    const unkeyed = createHmac('sha256', '').update(place).digest();
    const refused: [string, Omit<AuditQuery, 'limit'>][] = [
      ['acme', { success: true, cursor }],
      ['zebra', { cursor }],
      ['zebra', { success: false, cursor }],
      ['zebra', { success: true, action: 'upload', cursor }],
      ['zebra', { success: true, actor: 'key:0123abcd', cursor }],
      ['zebra', { success: true, from: new Date(0), cursor }],
      ['zebra', { success: true, to: new Date(8.64e15), cursor }],
      ['zebra', { success: true, cursor: '' }],
      ['zebra', { success: true, cursor: '2' }],
      ['zebra', { success: true, cursor: `${cursor}=` }],
      ['zebra', { success: true, cursor: `${cursor} ` }],
      ['zebra', { success: true, cursor: cursor.replace(/^./, 'B') }],
      ['zebra', { success: true, cursor: Buffer.concat([place, unkeyed]).toString('base64url') }],
    ];
    for (const [tenant, query] of refused) {
      const expected = { code: 'request-refused', rule: 'query-invalid' };
      await expect(audit.page(tenant, { ...query, limit: 1 })).rejects.toMatchObject(expected);
      await expect(collected(audit.exported(tenant, query, 1))).rejects.toMatchObject(expected);
    }
  });

  test('refuses limits and filters that cannot be', async () => {
    const audit = createAuditLog(await open(), keyring);
    const refused: AuditQuery[] = [
      ...[0, 1001, -1, 1.5, Number.NaN].map((limit) => ({ limit })),
      { limit: 1, actor: 'a\u0000' },
      { limit: 1, from: new Date(Number.NaN) },
      { limit: 1, to: new Date(Number.NaN) },
    ];
    for (const query of refused) {
      await expect(audit.page('zebra', query)).rejects.toMatchObject({
        code: 'request-refused',
        rule: 'query-invalid',
      });
    }
  });
});
