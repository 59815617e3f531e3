-- name: has_journal
-- Whether this database was ever migrated.
select to_regclass('schema_migrations') is not null as found

-- name: create_journal
-- What was applied here, when, and the SHA-256 of its text.
create table if not exists schema_migrations (
    version integer primary key,
    name text not null unique,
    checksum text not null,
    applied_at timestamptz not null,
    fits_from integer
)

-- name: extend_journal
-- A journal that was made before migrations said which older programs still fit.
alter table schema_migrations add column if not exists fits_from integer

-- name: journal
-- The migrations applied, in order, and from which program on each is fit for; a journal that does not say so holds
-- nothing for it.
select j.name, j.checksum, coalesce((to_jsonb(j) ->> 'fits_from')::integer, j.version) as fits_from
from schema_migrations as j
order by j.version

-- name: note
-- One migration has been applied.
insert into schema_migrations (version, name, checksum, applied_at, fits_from) values ($1, $2, $3, $4, $5)

-- name: lock
-- Wait until no other program migrates this database.
select pg_advisory_lock($1)

-- name: unlock
-- Let the next one in.
select pg_advisory_unlock($1)

-- name: limit_lock_wait
-- A migration that cannot get its lock gives up rather than stopping all traffic behind it.
set local lock_timeout = '10s'
