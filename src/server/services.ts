import { join } from 'node:path';
import { type ApiKeys, createApiKeys } from './access/api-keys.ts';
import { createKeyring } from './access/keyring.ts';
import { createTenants, type Tenants } from './access/tenants.ts';
import { type AuditLog, createAuditLog } from './audit/audit-log.ts';
import { createEncryptedFiles, type EncryptedFiles } from './files/encrypted-files.ts';
import { createFolderStore } from './files/folder-store.ts';
import { readInstance } from './files/instance.ts';
import type { Settings } from './settings.ts';
import type { Database } from './store/database.ts';
import { openPglite } from './store/pglite.ts';
import { openPostgres } from './store/postgres.ts';
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

/** Where the embedded database lies in the receiver's folder. */
export const databaseFolder = (folder: string): string => join(folder, 'database');

/**
 * Opens the database. The embedded one lies in the folder, whose lock has to be held.
 * @param kek 32 bytes; wiped afterwards, since derived keys take its place
 * @throws VaultError receiver-unusable, as `openPglite` and `openPostgres` say; `kek-wrong` where the store knows another key
 */
export async function openStore(
  settings: Pick<Settings, 'folder' | 'databaseUrl' | 'vaultDays'>,
  kek: Uint8Array,
): Promise<Store> {
  const { folder, databaseUrl, vaultDays } = settings;
  const keyring = createKeyring(kek);
  kek.fill(0);
  const database =
    databaseUrl === null
      ? await openPglite(databaseFolder(folder))
      : await openPostgres(databaseUrl);
  try {
    const tenants = createTenants(database, keyring);
    await assertKek(tenants);
    const audit = createAuditLog(database, keyring);
    return {
      database,
      tenants,
      audit,
      apiKeys: createApiKeys(database, tenants, audit),
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
  kek: Uint8Array,
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

/** One of the wrapped keys tells: all of a store are wrapped by the same key-encryption key. */
async function assertKek(tenants: Tenants): Promise<void> {
  const [first] = await tenants.ids();
  if (first !== undefined) (await tenants.dataKey(first)).fill(0);
}
