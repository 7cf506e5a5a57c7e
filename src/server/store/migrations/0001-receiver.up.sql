-- Roles: one owns everything and is never used to work; the other works and owns nothing. Owners
-- bypass row-level security, so that only the two functions below see across tenants.
do $$
declare
  name text;
begin
  foreach name in array array['velora_owner', 'velora_app']
  loop
    continue when exists (select from pg_roles where rolname = name);
    begin
      execute format('create role %I nologin', name);
    -- Roles belong to the whole server: another database of it may be migrated at this moment.
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  -- An administrator who is no superuser may only give things to a role that is also theirs.
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant velora_owner to %I', current_user);
  end if;
end
$$;

create schema if not exists velora authorization velora_owner;
revoke all on schema velora from public;
grant usage on schema velora to velora_app;
-- So that a receiver can refuse to start on a schema that is not its own.
grant select on public.velora_migrations to velora_app;

create table if not exists velora.tenants (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  created_at timestamptz not null default now(),
  -- AES-256-GCM under the key-encryption key; the second is the HMAC secret of managed tokens.
  data_key bytea not null,
  token_key bytea
);

create table if not exists velora.api_keys (
  prefix text primary key check (prefix ~ '^[0-9a-f]{8}$'),
  tenant text not null references velora.tenants,
  name text not null check (length(name) between 1 and 100),
  secret_hash bytea not null check (length(secret_hash) = 32),
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  -- Of everything above but name and times of making and use, by a key that is not in here.
  mac bytea not null check (length(mac) = 32)
);

-- An upload is real once it is completed. Before that its row only says what to sweep, and where.
create table if not exists velora.uploads (
  id text primary key check (id ~ '^upl_[0-9a-f]{32}$'),
  tenant text not null references velora.tenants,
  instance text not null,
  product text not null,
  schema_version text not null,
  mode text not null check (mode in ('pretokenized', 'client', 'server')),
  key_prefix text not null,
  idempotency_key text,
  -- Of the secret that came with the file; no secret itself.
  secret_fingerprint text check (secret_fingerprint ~ '^[0-9a-f]{8}$'),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  data_rows bigint,
  received_bytes bigint,
  received_sha256 text,
  stored_bytes bigint,
  stored_sha256 text
);
create unique index if not exists uploads_idempotency
  on velora.uploads (tenant, idempotency_key)
  where completed_at is not null and idempotency_key is not null;
create index if not exists uploads_unfinished
  on velora.uploads (instance) where completed_at is null;

create table if not exists velora.vault_entries (
  upload_id text not null references velora.uploads on delete cascade,
  tenant text not null references velora.tenants,
  token text not null,
  column_name text not null,
  original bytea not null,
  -- Further bytes of the token's HMAC: another original of the same token differs in them.
  identity bytea not null check (length(identity) = 8),
  expires_at timestamptz not null,
  primary key (upload_id, token)
);
create index if not exists vault_entries_token on velora.vault_entries (tenant, token);
create index if not exists vault_entries_expiry on velora.vault_entries (tenant, expires_at);

-- No foreign key: the chain of the system itself belongs to no tenant.
create table if not exists velora.audit_records (
  tenant text not null,
  seq bigint not null check (seq > 0),
  at timestamptz not null,
  actor text not null,
  action text not null,
  resource text not null,
  address text,
  user_agent text,
  success boolean not null,
  details text not null,
  previous_hash bytea not null check (length(previous_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (tenant, seq)
);
create table if not exists velora.audit_heads (
  tenant text primary key,
  count bigint not null check (count >= 0),
  hash bytea not null check (length(hash) = 32),
  mac bytea not null check (length(mac) = 32)
);

do $$
declare
  name text;
  tenant_column text;
begin
  foreach name in array array['tenants', 'api_keys', 'uploads', 'vault_entries', 'audit_records', 'audit_heads']
  loop
    execute format('alter table velora.%I owner to velora_owner', name);
    execute format('alter table velora.%I enable row level security', name);
    tenant_column := case name when 'tenants' then 'id' else 'tenant' end;
    execute format('drop policy if exists own_rows on velora.%I', name);
    execute format(
      'create policy own_rows on velora.%I using (%I = current_setting(''velora.tenant'', true))'
        ' with check (%I = current_setting(''velora.tenant'', true))',
      name, tenant_column, tenant_column);
  end loop;
end
$$;

-- What is completed stays: nobody who works here may change or remove it. `for update` follows the
-- policy of updates, so that it sees unfinished uploads only.
drop policy if exists unfinished_updates on velora.uploads;
create policy unfinished_updates on velora.uploads as restrictive
  for update using (completed_at is null) with check (true);
drop policy if exists unfinished_deletes on velora.uploads;
create policy unfinished_deletes on velora.uploads as restrictive
  for delete using (completed_at is null);
-- A secret that tokens were made with is never replaced.
drop policy if exists first_token_key on velora.tenants;
create policy first_token_key on velora.tenants as restrictive
  for update using (token_key is null) with check (true);
drop policy if exists spent_deletes on velora.vault_entries;
create policy spent_deletes on velora.vault_entries as restrictive
  for delete using (
    expires_at <= now()
    or upload_id in (select u.id from velora.uploads u where u.completed_at is null));

grant select, insert on velora.tenants to velora_app;
grant update (token_key) on velora.tenants to velora_app;
grant select, insert on velora.api_keys to velora_app;
grant update (revoked_at, last_used_at, mac) on velora.api_keys to velora_app;
grant select, insert, delete on velora.uploads to velora_app;
grant update (completed_at, data_rows, received_bytes, received_sha256, stored_bytes, stored_sha256)
  on velora.uploads to velora_app;
grant select, insert, delete on velora.vault_entries to velora_app;
-- Records of the audit are added and read; nobody who works here may change or remove one.
grant select, insert on velora.audit_records to velora_app;
grant select, insert, update on velora.audit_heads to velora_app;

-- Who a key belongs to is asked before there is a tenant.
create or replace function velora.find_api_key(wanted text)
returns table (
  prefix text, tenant text, name text, secret_hash bytea, scopes text[],
  expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz, mac bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select k.prefix, k.tenant, k.name, k.secret_hash, k.scopes, k.expires_at, k.revoked_at,
    k.last_used_at, k.mac
  from velora.api_keys k where k.prefix = wanted
$$;
-- Housekeeping visits the tenants one by one, each in its own name.
create or replace function velora.tenant_ids() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select t.id from velora.tenants t order by t.id $$;
alter function velora.find_api_key(text) owner to velora_owner;
alter function velora.tenant_ids() owner to velora_owner;
revoke all on function velora.find_api_key(text) from public;
revoke all on function velora.tenant_ids() from public;
grant execute on function velora.find_api_key(text) to velora_app;
grant execute on function velora.tenant_ids() to velora_app;
