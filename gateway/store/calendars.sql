-- name: add_calendar
-- A secret address, known by its fingerprint only.
insert into calendars (id, account, schedule, contact, fingerprint, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: list_calendars
-- The calendars of an account that are published, oldest first.
select id, account, schedule, contact, created_at, created_by
from calendars
where account = $1 and revoked_at is null
order by created_at, id

-- name: revoke_calendar
-- Published no more.
update calendars set revoked_at = $3
where account = $1 and id = $2 and revoked_at is null
returning id

-- name: find_calendar
-- What an address publishes, with the version in force and since when it is.
select
    c.id, c.account, c.schedule, c.contact, c.created_at, c.created_by,
    a.version, v.created_at as changed_at
from calendars as c
join accounts as a on a.account = c.account and a.deleted_at is null
join account_versions as v on v.account = a.account and v.version = a.version
where c.fingerprint = $1 and c.revoked_at is null
