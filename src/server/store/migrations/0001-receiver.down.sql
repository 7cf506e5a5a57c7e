drop function if exists velora.tenant_ids();
drop function if exists velora.find_api_key(text);
drop table if exists velora.audit_heads;
drop table if exists velora.audit_records;
drop table if exists velora.vault_entries;
drop table if exists velora.uploads;
drop table if exists velora.api_keys;
drop table if exists velora.tenants;
drop schema if exists velora;
do $$
begin
  if exists (select from pg_roles where rolname = 'velora_app') then
    revoke all on public.velora_migrations from velora_app;
  end if;
end
$$;
-- Roles belong to the whole server: they stay while another database of it still has our tables.
do $$
begin
  drop role if exists velora_app;
exception when dependent_objects_still_exist then null;
end
$$;
do $$
begin
  drop role if exists velora_owner;
exception when dependent_objects_still_exist then null;
end
$$;
