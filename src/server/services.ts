import { VaultError } from '../core/errors.ts';
import { type ApiKeys, createApiKeys } from './access/api-keys.ts';
import { createKeyring, type Keyring } from './access/keyring.ts';
import { createTenants, type Tenants } from './access/tenants.ts';
import { type AuditLog, createAuditLog } from './audit/audit-log.ts';
import { createEncryptedFiles, type EncryptedFiles } from './files/encrypted-files.ts';
import { createFolderStore } from './files/folder-store.ts';
import { readInstance } from './files/instance.ts';
import type { Settings } from './settings.ts';
import { type Database, systemTenant } from './store/database.ts';
import { openPglite } from './store/pglite.ts';
import { openPostgres } from './store/postgres.ts';
import {
  assertDatabaseKind,
  databaseFolder,
  keepDatabaseKind,
  makeFolder,
} from './store/receiver-folder.ts';
import {
  createUploadTaker,
  type UploadOutcome,
  type UploadRequest,
} from './uploads/take-upload.ts';
import { createUploads, type Uploads } from './uploads/uploads.ts';
import { createVault, type Vault } from './vault/entries.ts';

/** The database and what is kept in it. */
export interface Store {
  readonly database: Database;
  readonly tenants: Tenants;
  readonly apiKeys: ApiKeys;
  readonly audit: AuditLog;
  readonly vault: Vault;
  close(): Promise<void>;
}

/** What the requests of a receiver are answered from. */
export interface Services extends Omit<Store, 'close'> {
  readonly files: EncryptedFiles;
  readonly uploads: Uploads;
  readonly takeUpload: (request: UploadRequest) => Promise<UploadOutcome>;
  readonly settings: Settings;
}

/**
 * The key-encryption key, 32 bytes, wiped once derived keys have taken its place; or what gives it when
 * all else is well.
 * @param isNew whether nothing in the store depends on a key yet
 */
export type KekSource = Uint8Array | ((isNew: boolean) => Promise<Uint8Array>);

/** Where a store lies: the embedded database in the folder, which is null only beside a database URL. */
export type StoreSettings = Pick<Settings, 'databaseUrl' | 'vaultDays'> & {
  readonly folder: string | null;
};

/**
 * Opens the database. The embedded one lies in the folder, whose lock has to be held. The folder is
 * marked with the kind of its database.
 * @throws VaultError receiver-unusable, as `openPglite` and `openPostgres` say; `database-other`;
 *   `kek-wrong` where the store knows another key
 */
export async function openStore(settings: StoreSettings, kek: KekSource): Promise<Store> {
  const { folder, vaultDays } = settings;
  const keyringFor = keyringSource(kek);
  const database = await openDatabase(settings);
  try {
    if (folder !== null) await makeFolder(folder);
    const keyring = await keyringFor(database);
    const tenants = createTenants(database, keyring);
    await assertKek(tenants);
    if (folder !== null) await keepDatabaseKind(folder, database.kind);
    const audit = createAuditLog(database, keyring);
    return {
      database,
      tenants,
      audit,
      apiKeys: createApiKeys(database, tenants, audit, keyring),
      vault: createVault(database, tenants, audit, vaultDays),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens all that a receiver works with. The folder's lock has to be held. */
export async function openServices(
  settings: Settings,
  kek: KekSource,
): Promise<Services & { close(): Promise<void> }> {
  const store = await openStore(settings, kek);
  try {
    const { database, tenants, audit, vault } = store;
    const folder = await createFolderStore(settings.folder);
    const files = createEncryptedFiles(folder, (tenant) => tenants.dataKey(tenant));
    const instance = await readInstance(settings.folder);
    const uploads = createUploads({ database, tenants, audit, files, store: folder, instance });
    const takeUpload = createUploadTaker({ tenants, audit, vault, files, uploads, settings });
    return { ...store, files, uploads, takeUpload, settings };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openDatabase({ folder, databaseUrl }: StoreSettings): Promise<Database> {
  if (folder !== null) {
    await assertDatabaseKind(folder, databaseUrl === null ? 'pglite' : 'postgresql');
  }
  if (databaseUrl !== null) return openPostgres(databaseUrl);
  if (folder === null) throw new VaultError('internal', 'expected a folder or a database URL');
  return openPglite(databaseFolder(folder));
}

/** A key that is there already is derived from and wiped before anything can fail. */
function keyringSource(kek: KekSource): (database: Database) => Promise<Keyring> {
  if (typeof kek === 'function')
    return async (database) => derive(await kek(await isNew(database)));
  const keyring = derive(kek);
  return () => Promise.resolve(keyring);
}

function derive(kek: Uint8Array): Keyring {
  const keyring = createKeyring(kek);
  kek.fill(0);
  return keyring;
}

/** Keys of tenants are wrapped, and heads of chains authenticated, by the key-encryption key. */
async function isNew(database: Database): Promise<boolean> {
  const [used] = await database.as(systemTenant, (transaction) =>
    transaction.query(
      'select 1 from velora.tenant_ids() union all select 1 from velora.audit_heads limit 1',
    ),
  );
  return used === undefined;
}

/** One of the wrapped keys tells: all of a store are wrapped by the same key-encryption key. */
async function assertKek(tenants: Tenants): Promise<void> {
  const [first] = await tenants.ids();
  if (first !== undefined) (await tenants.dataKey(first)).fill(0);
}
