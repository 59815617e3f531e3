-- name: duties_by_document
-- The duties that the documents of these accounts have asked for.
select id from duties
where account = any($1::text[]) and kind <> all($2::text[])

-- name: disarm_duties
-- They are no longer wanted.
delete from duties where id = any($1::uuid[])

-- name: arm_duties
-- Due at $5 at the latest. One that is under way is done again, since its document has changed.
insert into duties as d (id, account, kind, key, next_at)
select c.id, c.account, c.kind, c.key, $5
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as c (id, account, kind, key)
order by c.id
on conflict (id) do update
set
    next_at = least(d.next_at, excluded.next_at), fence = d.fence + 1, tries = 0,
    lease_until = null
where d.lease_until is not null or d.next_at > excluded.next_at

-- name: ask_duty
-- Due at $5 at the latest, unless it is under way.
insert into duties as d (id, account, kind, key, next_at) values ($1, $2, $3, $4, $5)
on conflict (id) do update
set next_at = least(d.next_at, excluded.next_at)
where d.lease_until is null and d.next_at > excluded.next_at

-- name: documents_without_duties
-- Accounts, after $1, that were put in force before there were duties.
select a.account, v.document
from accounts as a
join account_versions as v on v.account = a.account and v.version = a.version
where
    a.deleted_at is null and a.account > $1
    and not exists (select 1 from duties as d where d.account = a.account)
order by a.account
limit $2

-- name: claim_duties
-- Due duties, leased until $2: at most $3 that somebody waits for, at most $4 of those that nobody does,
-- which come a thousand at a time and must not keep the others waiting. `version` is that of the
-- account's document, null when it is gone. A lease longer than any is from before the clock was set back.
with awaited as (
    select id from duties
    where
        kind not in ('coverage', 'phones', 'retention') and next_at <= $1
        and (
            lease_until is null or lease_until <= $1 or lease_until > $1 + interval '3 minutes'
        )
    order by next_at, id
    limit $3
    for update skip locked
),

quiet as (
    select id from duties
    where
        kind in ('coverage', 'phones', 'retention') and next_at <= $1
        and (
            lease_until is null or lease_until <= $1 or lease_until > $1 + interval '3 minutes'
        )
    order by next_at, id
    limit $4
    for update skip locked
),

due as (
    select id from awaited
    union all
    select id from quiet
)

update duties as d
set lease_until = $2, fence = d.fence + 1, tries = d.tries + 1
from due
where d.id = due.id
returning
    d.id, d.account, d.kind, d.key, d.next_at, d.memory, d.tries, d.fence,
    (
        select a.version from accounts as a
        where a.account = d.account and a.deleted_at is null
    ) as version

-- name: rearm_duty
-- Done, and due again, unless it was claimed or armed by somebody else meanwhile.
update duties
set next_at = $3, memory = $4, tries = 0, lease_until = null
where id = $1 and fence = $2
returning id

-- name: end_duty
-- Done for good.
delete from duties where id = $1 and fence = $2
returning id

-- name: postpone_duty
-- It failed: again later.
update duties
set next_at = $3, lease_until = null
where id = $1 and fence = $2

-- name: next_duty
-- The earliest instant at which a duty may be claimed: one that somebody waits for if $1, one of the
-- others if $2, also when a lease of one ends; a lease longer than any is over by now ($3).
select min(at) as at
from (
    (
        select next_at as at from duties
        where
            $1::boolean and lease_until is null and kind not in ('coverage', 'phones', 'retention')
        order by next_at limit 1
    )
    union all
    (
        select next_at from duties
        where $2::boolean and lease_until is null and kind in ('coverage', 'phones', 'retention')
        order by next_at limit 1
    )
    union all
    (
        select
            greatest(
                next_at,
                case
                    when lease_until > $3::timestamptz + interval '3 minutes' then $3
                    else lease_until
                end
            ) as ends
        from duties
        where
            lease_until is not null
            and case
                when kind in ('coverage', 'phones', 'retention') then $2::boolean
                else $1::boolean
            end
        order by ends limit 1
    )
) as earliest

-- name: count_uncovered
-- Schedules that leave hours ahead to nobody, as the last look at each account found them.
select count(*)
from duties as d
cross join lateral jsonb_each(d.memory) as s (schedule, days)
where d.kind = 'coverage' and s.days <> '{}'
