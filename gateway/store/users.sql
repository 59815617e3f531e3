-- name: find_users
-- Everybody of whom more is known than their tokens, or that one.
select name, active, contacts, spared, changed_at, changed_by
from users
where ($1::text is null or name = $1)
order by name

-- name: lock_user
-- Make sure that there is a row, and hold it.
insert into users as u (name, active, contacts, spared, changed_at, changed_by)
values ($1, true, '{}', '{}', $2, $3)
on conflict (name) do update set name = u.name
returning name, active, contacts, spared, changed_at, changed_by

-- name: save_user
-- How somebody stands from now on.
update users
set active = $2, contacts = $3, spared = $4, changed_at = $5, changed_by = $6
where name = $1

-- name: inactive_of
-- Which of these names are of people who were deactivated.
select name from users where name = any($1::text[]) and not active

-- name: code_no_more
-- Who is deactivated covers nobody on the floor.
update sessions set coded = false, changed_at = $2, changed_by = $3 where name = $1 and coded
