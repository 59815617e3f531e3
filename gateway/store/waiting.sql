-- name: wait_for_numbers
-- Claimed jobs ($1, by boot $5) wait for a number of a channel ($2) to reach a phone ($3) from, and come
-- back by themselves at $4. Their due time stays: it is their place.
update jobs as j
set
    awaits = c.awaits, awaits_at = c.awaits_at, next_at = c.until, awaits_until = c.until,
    lease_owner = null, lease_until = null
from (
    select *
    from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
        as r (id, awaits, awaits_at, until)
    order by r.id
) as c
where j.id = c.id and j.lease_owner = $5

-- name: numbers_free
-- When each sending number of a channel may be used next, as of now: nothing is locked.
select number, free_at
from senders
where channel = $1

-- name: call_up
-- Who waits for a number of channel $1 for longest, the most urgent first: $2 at most, of which $3 are
-- of a lesser class, whichever has waited for longest; with each of them $4 at most of those who wait
-- for the same phone. Claimed at $5 by boot $6 until $7: from now on they are due, as others are. A
-- lease that would last for more than a minute was taken before the clock was set back. What has ended
-- has no `next_at`, and so does not stand in the list.
with foremost_class as (
    select priority from jobs
    where awaits is not null and awaits = $1
    order by priority limit 1
),

lesser_class as (
    select o.priority
    from (
        (
            select priority, due_at from jobs
            where
                awaits is not null and awaits = $1 and priority = 1
                and (select f.priority from foremost_class as f) < 1
            order by due_at, id limit 1
        )
        union all
        (
            select priority, due_at from jobs
            where
                awaits is not null and awaits = $1 and priority = 2
                and (select f.priority from foremost_class as f) < 2
            order by due_at, id limit 1
        )
    ) as o
    order by o.due_at
    limit 1
),

lesser as (
    select id, awaits_at from jobs
    where
        awaits is not null and awaits = $1
        and priority = (select c.priority from lesser_class as c)
        and next_at = awaits_until
        and (lease_until is null or lease_until <= $5 or lease_until > $5 + interval '1 minute')
    order by due_at, id
    limit $3
    for update skip locked
),

foremost as (
    select id, awaits_at from jobs
    where
        awaits is not null and awaits = $1 and id not in (select l.id from lesser as l)
        and next_at = awaits_until
        and (lease_until is null or lease_until <= $5 or lease_until > $5 + interval '1 minute')
    order by priority, due_at, id
    limit $2 - (select count(*) from lesser)
    for update skip locked
),

chosen as materialized (
    select id, awaits_at from lesser
    union all
    select id, awaits_at from foremost
),

beside as (
    select o.id
    from (select distinct awaits_at from chosen) as c
    cross join lateral (
        select w.id from jobs as w
        where
            -- Never by the index of the list, which may have been empty when this was planned.
            w.awaits_at is not null and w.awaits_at = c.awaits_at and coalesce(w.awaits, '') = $1
            and w.id not in (select e.id from chosen as e)
            and w.next_at = w.awaits_until
            and (
                w.lease_until is null or w.lease_until <= $5
                or w.lease_until > $5 + interval '1 minute'
            )
        order by w.priority, w.due_at, w.id
        limit $4
        for update skip locked
    ) as o
),

called as (
    select id from chosen
    union all
    select id from beside
)

update jobs as j
set
    awaits = null, awaits_at = null, awaits_until = null, next_at = $5,
    fence = j.fence + 1, lease_owner = $6, lease_until = $7
from called as c
where j.id = c.id
returning j.*
