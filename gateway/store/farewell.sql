-- name: on_the_line
-- Whether somebody is on a call at $1 who picked up by $2 and has neither confirmed nor refused yet, or
-- is being called since $3 (null: nobody of those).
with called as (
    select a.state, a.answered_at, a.started_at
    from open_calls as o
    join attempts as a on a.id = o.attempt
    where
        o.expires_at > $1 and a.outcome is null
        and a.begun >= date_trunc('month', $1::timestamptz - interval '1 day')::date
    union all
    select a.state, a.answered_at, a.started_at
    from open_calls as o
    join attempts as a on a.rides = o.attempt
    where
        o.expires_at > $1 and a.outcome is null
        and a.begun >= date_trunc('month', $1::timestamptz - interval '1 day')::date
)

select
    exists (
        select 1 from called as c
        where (c.state = 'answered' and c.answered_at <= $2) or c.started_at > $3
    )
    or exists (
        select 1
        from attempts as a
        where
            a.begun >= date_trunc('month', $1::timestamptz - interval '1 day')::date
            and a.method = 'inbound' and a.outcome is null and a.started_at > $1 - interval '10 minutes'
            and a.started_at <= $2 and a.stage_at > $1 - interval '1 minute'
    ) as speaks

-- name: take_leave
-- As long as this connection lives, its process is one that ends.
select pg_advisory_lock_shared($1, 0)

-- name: engines_that_stay
-- How many engines live, each of which holds the lock of its boot ($1), less the processes that
-- end ($2).
select
    count(*) filter (where l.classid = $1::integer::oid)
    - count(*) filter (where l.classid = $2::integer::oid) as stay
from pg_locks as l
where
    l.locktype = 'advisory' and l.granted
    and l.database = (select d.oid from pg_database as d where d.datname = current_database())
