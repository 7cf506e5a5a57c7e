import { expect, test } from 'vitest';
import { createApiKeys } from '../../src/server/access/api-keys.ts';
import { createKeyring } from '../../src/server/access/keyring.ts';
import { createTenants } from '../../src/server/access/tenants.ts';
import { type AuditLog, createAuditLog } from '../../src/server/audit/audit-log.ts';
import { systemTenant } from '../../src/server/store/database.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { all, event, keyring, write } from './support/audit.ts';
import { eachDatabase, type MakePlace } from './support/databases.ts';

interface Tampered {
  readonly tenant: string;
  /** The head before the change. */
  readonly kept: { count: number; hash: string };
}

/**
 * Chains of eight records, one for each case, that somebody changes behind the log's back: with
 * statements in which `$zebra` is the tenant of the case.
 */
async function tampered(
  makePlace: MakePlace,
  cases: readonly (readonly string[])[],
): Promise<{ audit: AuditLog; chains: Tampered[] }> {
  const place = await makePlace();
  const database = await place.open();
  const audit = createAuditLog(database, keyring);
  const chains: Tampered[] = [];
  for (const index of cases.keys()) {
    const tenant = `zebra-${String(index)}`;
    await write(audit, tenant, 8);
    chains.push({ tenant, kept: await audit.head(tenant) });
  }
  await write(audit, 'acme', 3);
  for (const { tenant, kept } of chains) {
    expect(await audit.verify(tenant, kept)).toEqual({ ok: true, ...kept });
  }
  await database.close();
  const statements = cases.flatMap((ofCase, index) =>
    ofCase.map((statement) => statement.replaceAll('$zebra', `'zebra-${String(index)}'`)),
  );
  await asAdministrator(place, ...statements);
  const reopened = createAuditLog(await place.open(), keyring);
  expect(await reopened.verify('acme')).toMatchObject({ ok: true, count: 3 });
  return { audit: reopened, chains };
}

const record = (seq: number): string => `tenant = $zebra and seq = ${String(seq)}`;

eachDatabase('replaying the audit log', (_open, makePlace) => {
  test('names the record of which any field was changed', async () => {
    const changes = [
      "at = at + interval '1 microsecond'",
      "at = 'infinity'",
      "actor = 'operator'",
      "action = 'upload.read'",
      "resource = resource || ' '",
      'address = null',
      "user_agent = ''",
      'success = not success',
      "details = replace(details, '5', '6')",
      "details = details || ' '",
      "previous_hash = sha256('x')",
      "hash = sha256('x')",
    ];
    const { audit, chains } = await tampered(
      makePlace,
      changes.map((change) => [`update velora.audit_records set ${change} where ${record(5)}`]),
    );
    const found = await Promise.all(chains.map(({ tenant }) => audit.verify(tenant)));
    expect(changes.map((change, index) => ({ change, ...found[index] }))).toEqual(
      changes.map((change) => ({ change, ok: false, seq: 5, reason: 'this record was changed' })),
    );
  });

  test('names a record that was removed, from the middle or from the end', async () => {
    const removed = [
      { condition: record(1), seq: 1 },
      { condition: record(4), seq: 4 },
      { condition: record(8), seq: 8 },
      { condition: 'tenant = $zebra and seq > 5', seq: 6 },
      { condition: 'tenant = $zebra', seq: 1 },
    ];
    const { audit, chains } = await tampered(
      makePlace,
      removed.map(({ condition }) => [`delete from velora.audit_records where ${condition}`]),
    );
    const found = await Promise.all(chains.map(({ tenant }) => audit.verify(tenant)));
    expect(found).toEqual(
      removed.map(({ seq }) => ({ ok: false, seq, reason: 'this record is missing' })),
    );
  });

  test('names the first of two records that changed places, and one that moved to another chain', async () => {
    const { audit, chains } = await tampered(makePlace, [
      [
        `update velora.audit_records set seq = 100 where ${record(3)}`,
        `update velora.audit_records set seq = 3 where ${record(6)}`,
        `update velora.audit_records set seq = 6 where ${record(100)}`,
      ],
      [`update velora.audit_records set tenant = 'other' where ${record(3)}`],
    ]);
    const found = await Promise.all(chains.map(({ tenant }) => audit.verify(tenant)));
    expect(found).toEqual([
      { ok: false, seq: 3, reason: 'this record was changed' },
      { ok: false, seq: 3, reason: 'this record is missing' },
    ]);
  });

  test('finds records that were rewritten together with all hashes after them', async () => {
    const place = await makePlace();
    const database = await place.open();
    const audit = createAuditLog(database, keyring);
    await write(audit, 'zebra', 4);
    const kept = await audit.head('zebra');
    await database.close();
    await asAdministrator(
      place,
      'create table public.heads as select * from velora.audit_heads',
      'create table public.records as select * from velora.audit_records',
      'delete from velora.audit_records',
      'delete from velora.audit_heads',
    );
    // The same log once more, with another second record: a chain that is sound in itself.
    const rewritten = await place.open();
    const forger = createAuditLog(rewritten, createKeyring(Buffer.alloc(32, 1)));
    await forger.record('zebra', event(1));
    await forger.record('zebra', event(2, { actor: 'operator' }));
    await forger.record('zebra', event(3));
    await forger.record('zebra', event(4));
    expect(await createAuditLog(rewritten, keyring).verify('zebra')).toMatchObject({
      ok: false,
      seq: null,
    });
    await rewritten.close();

    await asAdministrator(
      place,
      'delete from velora.audit_heads',
      'insert into velora.audit_heads select * from public.heads',
    );
    const otherHash = await place.open();
    const withHead = createAuditLog(otherHash, keyring);
    expect(await withHead.verify('zebra')).toMatchObject({ ok: false, seq: 4 });
    expect(await withHead.verify('zebra', kept)).toMatchObject({ ok: false, seq: 4 });
    await otherHash.close();

    await asAdministrator(
      place,
      'delete from velora.audit_records where seq = 4',
      'insert into velora.audit_records select * from public.records where seq = 4',
    );
    const withNewest = createAuditLog(await place.open(), keyring);
    expect(await withNewest.verify('zebra')).toEqual({
      ok: false,
      seq: 4,
      reason: 'this record does not follow the one before it',
    });
  });

  test('finds a head that was forged, cut back or removed, and then takes no further record', async () => {
    const { audit, chains } = await tampered(makePlace, [
      ['update velora.audit_heads set count = 7 where tenant = $zebra'],
      ["update velora.audit_heads set hash = sha256('x') where tenant = $zebra"],
      ["update velora.audit_heads set mac = sha256('x') where tenant = $zebra"],
      [
        `update velora.audit_heads set count = 7, hash = (
           select hash from velora.audit_records where ${record(7)}) where tenant = $zebra`,
        `delete from velora.audit_records where ${record(8)}`,
      ],
      [
        `update velora.audit_heads h set count = o.count, hash = o.hash, mac = o.mac
           from velora.audit_heads o where h.tenant = $zebra and o.tenant = 'acme'`,
      ],
      ['delete from velora.audit_heads where tenant = $zebra'],
      [
        'delete from velora.audit_heads where tenant = $zebra',
        `delete from velora.audit_records where ${record(1)}`,
      ],
    ]);
    expect(chains).toHaveLength(7);
    for (const { tenant } of chains) {
      const broken = { code: 'receiver-unusable', rule: 'audit-broken' };
      expect(await audit.verify(tenant)).toMatchObject({ ok: false, seq: null });
      await expect(audit.record(tenant, event(9))).rejects.toMatchObject(broken);
      await expect(audit.head(tenant)).rejects.toMatchObject(broken);
      expect((await all(audit, tenant)).at(-1)?.seq).toBeGreaterThanOrEqual(7);
    }
    await audit.record('acme', event(4));
  });

  test('finds an older head that was put back: at once, or against a head kept elsewhere', async () => {
    const place = await makePlace();
    const database = await place.open();
    const before = createAuditLog(database, keyring);
    await write(before, 'zebra', 5);
    const early = await before.head('zebra');
    await database.close();
    await asAdministrator(place, 'create table public.spare as select * from velora.audit_heads');
    const more = await place.open();
    await write(createAuditLog(more, keyring), 'zebra', 3);
    const kept = await createAuditLog(more, keyring).head('zebra');
    await more.close();
    await asAdministrator(
      place,
      'delete from velora.audit_heads',
      'insert into velora.audit_heads select * from public.spare',
    );

    const rolled = await place.open();
    const audit = createAuditLog(rolled, keyring);
    expect(await audit.verify('zebra')).toMatchObject({ ok: false, seq: 6 });
    await expect(audit.record('zebra', event(9))).rejects.toMatchObject({ rule: 'audit-broken' });
    await rolled.close();

    // With the records since then gone too, only who kept the head knows.
    await asAdministrator(place, 'delete from velora.audit_records where seq > 5');
    const cut = createAuditLog(await place.open(), keyring);
    expect(await cut.verify('zebra')).toEqual({ ok: true, ...early });
    expect(await cut.verify('zebra', early)).toEqual({ ok: true, ...early });
    expect(await cut.verify('zebra', kept)).toMatchObject({ ok: false, seq: null });
    await write(cut, 'zebra', 10);
    expect(await cut.verify('zebra', early)).toMatchObject({ ok: true, count: 15 });
    expect(await cut.verify('zebra', kept)).toMatchObject({ ok: false, seq: 8 });
  });

  test('finds a log that vanished altogether, where its tenant has keys or uploads', async () => {
    const place = await makePlace();
    const database = await place.open();
    const audit = createAuditLog(database, keyring);
    const tenants = createTenants(database, keyring);
    const keys = createApiKeys(database, tenants, audit, keyring);
    const of = { name: 'n', scopes: ['audit:read'], expiresAt: null } as const;
    await keys.create({ ...of, tenant: 'zebra' });
    await keys.create({ ...of, tenant: 'acme' });
    for (const tenant of ['uploader', 'nothing-yet']) await tenants.ensure(tenant);
    await write(audit, 'uploader', 1);
    const upload = (digit: string, tenant: string, completed: string) =>
      `insert into velora.uploads
         (id, tenant, instance, product, schema_version, mode, key_prefix, completed_at)
       values ('upl_${digit.repeat(32)}', '${tenant}', 'i', 'p', '1', 'server', 'k', ${completed})`;
    for (const tenant of ['zebra', 'acme', 'uploader']) {
      expect(await audit.verify(tenant)).toMatchObject({ ok: true, count: 1 });
    }
    await database.close();
    await asAdministrator(
      place,
      upload('a', 'uploader', 'now()'),
      upload('b', 'nothing-yet', 'null'),
      "delete from velora.audit_records where tenant in ('zebra', 'uploader')",
      "delete from velora.audit_heads where tenant in ('zebra', 'uploader')",
    );
    const reopened = createAuditLog(await place.open(), keyring);
    for (const tenant of ['zebra', 'uploader']) {
      expect(await reopened.verify(tenant)).toEqual({
        ok: false,
        seq: null,
        reason: 'there is no record, but there are keys or uploads',
      });
    }
    expect(await reopened.verify('acme')).toMatchObject({ ok: true, count: 1 });
    expect(await reopened.verify('nothing-yet')).toMatchObject({ ok: true, count: 0 });
    expect(await reopened.verify(systemTenant)).toMatchObject({ ok: true, count: 2 });
  });

  test('misses a log that vanished altogether from a tenant without either: only who kept its head knows', async () => {
    const { audit, chains } = await tampered(makePlace, [
      [
        'delete from velora.audit_records where tenant = $zebra',
        'delete from velora.audit_heads where tenant = $zebra',
      ],
    ]);
    const [{ tenant, kept }] = chains as [Tampered];
    expect(await audit.verify(tenant)).toMatchObject({ ok: true, count: 0 });
    expect(await audit.verify(tenant, kept)).toMatchObject({ ok: false, seq: null });
    await write(audit, tenant, 8);
    expect(await audit.verify(tenant)).toMatchObject({ ok: true, count: 8 });
    expect(await audit.verify(tenant, kept)).toMatchObject({ ok: false, seq: 8 });
  });

  test('finds a record that was added beside it, and lists none whose details are broken', async () => {
    const { audit, chains } = await tampered(makePlace, [
      [
        `insert into velora.audit_records
           select tenant, 9, at, actor, action, resource, address, user_agent, success, details, hash, hash
           from velora.audit_records where ${record(8)}`,
      ],
      [`update velora.audit_records set details = '{"Zebra' where ${record(5)}`],
    ]);
    const [added, broken] = chains as [Tampered, Tampered];
    expect(await audit.verify(added.tenant)).toMatchObject({ ok: false, seq: 9 });
    await expect(audit.record(added.tenant, event(9))).rejects.toMatchObject({
      code: 'receiver-unusable',
      rule: 'audit-broken',
    });
    const error = await audit.page(broken.tenant, { limit: 10 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'receiver-unusable', rule: 'audit-broken' });
    expect((error as Error).message).not.toContain('Zebra');
  });

  test('takes no head of another key for its own', async () => {
    const place = await makePlace();
    const database = await place.open();
    await write(createAuditLog(database, keyring), 'zebra', 1);
    const other = createAuditLog(database, createKeyring(Buffer.alloc(32, 1)));
    expect(await other.verify('zebra')).toMatchObject({ ok: false, seq: null });
    await expect(other.record('zebra', event(2))).rejects.toMatchObject({ rule: 'audit-broken' });
  });
});
