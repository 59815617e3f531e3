-- name: in_order
-- Whoever adds needs does so alone until the commit: their numbers run in the order of the commits,
-- so that nobody who reads on from a number misses one. Taken after every other lock.
select pg_advisory_xact_lock($1)

-- name: add_needs
-- What now needs a person; a job is past due once for each instant.
insert into needs (account, month, ucn, job, kind, reason, why, due_at, at)
select c.account, c.month, c.ucn, c.job, c.kind, c.reason, c.why, c.due_at, c.at
from unnest(
    $1::text[], $2::date[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[]
) with ordinality as c (account, month, ucn, job, kind, reason, why, due_at, at, place)
order by c.place
on conflict (account, job, due_at) where reason = 'past_due' do nothing
returning ucn

-- name: newest
-- The number of the newest.
select max(seq) as seq from needs

-- name: newest_dispatch
-- The number of the newest that is dispatch work.
select seq from needs where kind = 'dispatch' order by seq desc limit 1

-- name: oldest
-- The number of the oldest that is kept.
select min(seq) as seq from needs

-- name: needs_after
-- What came after a number, in order.
select seq, at, account, ucn, job, kind, reason, why, seen_by, lost_by from needs
where seq > $1
order by seq
limit $2

-- name: forget_needs
-- Sessions that were away for so long read the lists anew.
-- The newest stays, so that numbers never begin anew for those who listen. So many at a time.
delete from needs
where
    (account, seq) in (
        select account, seq
        from needs
        where at < $1 and seq < (select max(n.seq) from needs as n)
        order by at
        limit $2
    )

-- name: past_due
-- Jobs that the gateway should have gone on with 5 minutes ago ($3) and did not, of which nobody has
-- been told; those that were due in the last minutes before ($1), so that it costs little to ask
-- often. A job put off since (to $2 at most) is still past due; one that waits for a person or for an
-- attempt's end is by the instant at which it is looked at again. Who waits for a sending number has been
-- due all the while.
select l.account, l.month, l.ucn, l.id, l.due_at
from unnest(array[0, 1, 2]::smallint[]) as c (priority)
cross join lateral (
    (
        select j.account, j.month, j.ucn, j.id, j.due_at
        from jobs as j
        where
            j.next_at is not null and j.priority = c.priority and j.next_at > $1 and j.next_at <= $2
            and case
                when j.state in ('held', 'limit_reached', 'attempting') then j.next_at else j.due_at
            end <= $3
            and not exists (
                select 1 from needs as n
                where
                    n.account = j.account and n.job = j.id and n.due_at = j.due_at
                    and n.reason = 'past_due'
            )
        order by j.next_at
        limit $4
    )
    union all
    (
        select j.account, j.month, j.ucn, j.id, j.due_at
        from unnest('{call, text}'::text[]) as h (channel)
        join jobs as j on j.awaits is not null and j.awaits = h.channel
        where
            j.priority = c.priority and j.due_at > $1 and j.due_at <= $3
            and j.next_at > $2 and j.next_at = j.awaits_until
            and not exists (
                select 1 from needs as n
                where
                    n.account = j.account and n.job = j.id and n.due_at = j.due_at
                    and n.reason = 'past_due'
            )
        order by j.due_at
        limit $4
    )
) as l
order by l.due_at

-- name: count_waiting
-- How many jobs and parked messages wait for a person at this instant ($1).
select
    (
        select count(*) from jobs as j
        where
            j.state not in ('completed', 'canceled', 'closed_leftover')
            and (
                j.state = 'limit_reached' or j.state = 'exhausted'
                or (j.state = 'held' and coalesce(j.reason, '') not in ('office_open', 'special'))
            )
    )
    + (
        select count(*) from asides as s
        where
            s.aside ? 'park'
            and coalesce((s.aside -> 'park' ->> 'until')::timestamptz, '-infinity') <= $1
    ) as waiting
