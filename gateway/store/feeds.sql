-- name: load_feeds
-- How the feeds of these accounts stand, or of all.
select *
from feeds
where ($1::text[] is null or account = any($1::text[]))
order by account, schedule

-- name: save_feed
-- How a feed stands now, unless somebody else has looked meanwhile.
insert into feeds as f (
    account, schedule, source, tried_at, read_at, etag, modified, body, digest, failures,
    failing_since, fault, told_at, strangers
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (account, schedule) do update
set
    source = excluded.source, tried_at = excluded.tried_at, read_at = excluded.read_at,
    etag = excluded.etag, modified = excluded.modified, body = excluded.body,
    digest = excluded.digest, failures = excluded.failures,
    failing_since = excluded.failing_since, fault = excluded.fault, told_at = excluded.told_at,
    strangers = excluded.strangers
where f.tried_at is not distinct from $15 or f.source <> excluded.source
returning account

-- name: forget_feeds
-- Feeds that the documents of these accounts no longer name.
delete from feeds as f
where
    f.account = any($1::text[])
    and not exists (
        select 1
        from unnest($2::text[], $3::text[]) as k (account, schedule)
        where k.account = f.account and k.schedule = f.schedule
    )
