-- name: create_token
-- A new token, known by its fingerprint only.
insert into tokens (fingerprint, name, role, created_at, accounts, also)
values ($1, $2, $3, $4, $5, $6)

-- name: find_tokens
-- Whose tokens these are and for which accounts alone, but for those that were revoked, and those of
-- people who were deactivated.
select t.fingerprint, t.name, t.role, t.accounts, t.also
from tokens as t
where
    t.fingerprint = any($1::text[]) and t.revoked_at is null
    and not exists (select 1 from users as u where u.name = t.name and not u.active)

-- name: revoke_tokens
-- Every token of that name is void from now on.
update tokens set revoked_at = $2 where name = $1 and revoked_at is null returning fingerprint

-- name: list_tokens
-- All tokens that were ever made, without what opens them.
select name, role, created_at, revoked_at, accounts, also from tokens order by name, created_at

-- name: list_technicians
-- Who has a token for work in the field.
select distinct name from tokens
where revoked_at is null and (role = 'technician' or 'technician' = any(also))
order by name
