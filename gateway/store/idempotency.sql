-- name: keep_answers
-- Remember the answers to requests under their keys; returns those that are the first.
insert into idempotency_keys (owner, key, request, status, answer, created_at, about)
select c.owner, c.key, c.request, c.status, c.answer, $6, c.about
from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::jsonb[], $7::uuid[])
    as c (owner, key, request, status, answer, about)
order by c.owner, c.key
on conflict (owner, key) do nothing
returning owner, key

-- name: first_answers
-- What was answered first under these keys, and to what request.
select i.owner, i.key, i.request, i.status, i.answer
from unnest($1::text[], $2::text[]) as c (owner, key)
join idempotency_keys as i on i.owner = c.owner and i.key = c.key

-- name: forget_answers
-- Requests that came to nothing may be made again.
delete from idempotency_keys as i
using unnest($1::text[], $2::text[]) as c (owner, key)
where i.owner = c.owner and i.key = c.key

-- name: erase_answers
-- What was answered about these holds their words no more.
update idempotency_keys
set answer = jsonb_build_object('id', answer -> 'id', 'erased', true)
where about = any($1::uuid[])

-- name: forget_old
-- Nobody repeats a request after that long. So many at a time, whatever has gathered: what lasts too
-- long is undone, and would be every time again.
delete from idempotency_keys
where (owner, key) in (select owner, key from idempotency_keys where created_at < $1 limit $2)
