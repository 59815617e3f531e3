-- name: code_session
-- Who is coded for dispatch, or no longer is.
insert into sessions (name, coded, changed_at, changed_by) values ($1, $2, $3, $4)
on conflict (name) do update
set coded = excluded.coded, changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: is_coded
-- Whether somebody is coded for dispatch.
select coded from sessions where name = $1
