-- name: create_token
-- A new token, known by its fingerprint only.
insert into tokens (fingerprint, name, role, created_at, accounts) values ($1, $2, $3, $4, $5)

-- name: find_tokens
-- Whose tokens these are and for which accounts alone, but for those that were revoked.
select fingerprint, name, role, accounts
from tokens
where fingerprint = any($1::text[]) and revoked_at is null

-- name: revoke_tokens
-- Every token of that name is void from now on.
update tokens set revoked_at = $2 where name = $1 and revoked_at is null returning fingerprint

-- name: list_tokens
-- All tokens that were ever made, without what opens them.
select name, role, created_at, revoked_at, accounts from tokens order by name, created_at
