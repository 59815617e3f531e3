-- name: add_jobs
-- Jobs that are opened.
insert into jobs (
    id, account, month, ucn, priority, source, state, created_at, due_at, next_at, request
)
select * from unnest(
    $1::uuid[], $2::text[], $3::date[], $4::text[], $5::smallint[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::jsonb[]
)

-- name: add_words
-- What people said, apart from the chain so that it can be erased.
insert into history_words (account, month, ucn, seq, salt, words)
select * from unnest(
    $1::text[], $2::date[], $3::text[], $4::integer[], $5::text[], $6::text[]
)

-- name: add_errands
-- What is to be done besides, once.
insert into errands (id, account, month, ucn, job, attempt, kind, payload, next_at)
select * from unnest(
    $1::uuid[], $2::text[], $3::date[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
    $8::jsonb[], $9::timestamptz[]
)

-- name: add_links
-- Secure links, by their fingerprints.
insert into links (fingerprint, account, month, ucn, attempt, contact, created_at, expires_at)
select * from unnest(
    $1::text[], $2::text[], $3::date[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::timestamptz[]
)

-- name: add_deliveries
-- Deliveries that stand there already are left alone, and so are their duties.
with fresh as (
    insert into deliveries (
        id, account, month, ucn, name, kind, occasion, state, created_at, since, until
    )
    select * from unnest(
        $1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[]
    )
    on conflict (id) do nothing
    returning id, account, created_at
)

insert into duties (id, account, kind, key, next_at)
select w.id, f.account, 'delivery', f.id::text, f.created_at
from fresh as f
join unnest($1::uuid[], $12::uuid[]) as w (delivery, id) on w.delivery = f.id
on conflict (id) do nothing
