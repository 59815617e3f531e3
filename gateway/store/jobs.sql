-- name: claim_jobs
-- The most urgent due jobs, class after class, most overdue first; every tenth place is kept for
-- what is less urgent, so that nothing starves (S3-10). Leased to $1 until $2; due by $3; not
-- before $4 (the hot claim's lower bound, class by class); at most $5. A lease that would last for more than a minute
-- was taken before the clock was set back, and is void (its owner's fence is old). With what a plan looks at: the message, its
-- words, the document in force, and whether that is all (nothing was tried, no other job). Instants
-- are seconds since 1970, as a timestamp takes the driver longer than all the rest of a row.
with emergency as (
    select id from jobs
    where
        next_at is not null and priority = 0 and next_at <= $3
        and next_at >= ($4::timestamptz[])[1]
        and (lease_until is null or lease_until <= $3 or lease_until > $3 + interval '1 minute')
    order by next_at, id
    limit $5
    for update skip locked
),

urgent as (
    select id from jobs
    where
        next_at is not null and priority = 1 and next_at <= $3
        and next_at >= ($4::timestamptz[])[2]
        and (lease_until is null or lease_until <= $3 or lease_until > $3 + interval '1 minute')
    order by next_at, id
    limit greatest($5 - (select count(*) from emergency), ($5 + 9) / 10)
    for update skip locked
),

routine as (
    select id from jobs
    where
        next_at is not null and priority = 2 and next_at <= $3
        and next_at >= ($4::timestamptz[])[3]
        and (lease_until is null or lease_until <= $3 or lease_until > $3 + interval '1 minute')
    order by next_at, id
    limit
        greatest(
            $5 - (select count(*) from emergency) - (select count(*) from urgent), ($5 + 9) / 10
        )
    for update skip locked
),

due as (
    select id from emergency
    union all
    select id from urgent
    union all
    select id from routine
),

claimed as (
    update jobs as j
    set fence = j.fence + 1, lease_owner = $1, lease_until = $2
    from due
    where j.id = due.id
    returning j.*
)

select
    c.id, c.account, c.month, c.ucn, c.priority, c.source, c.state,
    date_part('epoch', c.created_at), date_part('epoch', c.due_at), date_part('epoch', c.next_at),
    date_part('epoch', c.cue_at), c.reason, c.waits_for, c.owner, c.target, c.active_seconds,
    c.round, c.version, c.fence,
    m.priority, m.form, m.taken_by, date_part('epoch', m.taken_at), m.state, m.evidence,
    m.delivered_to, date_part('epoch', m.delivered_at), m.sent, m.head_seq, m.head_hash,
    w.content,
    (select a.version from accounts as a where a.account = c.account and a.deleted_at is null),
    c.round is null and c.request is null and c.reason is null and not exists (
        select 1 from jobs as o
        where o.account = c.account and o.month = c.month and o.ucn = c.ucn and o.id <> c.id
    )
from claimed as c
left join messages as m on m.account = c.account and m.month = c.month and m.ucn = c.ucn
left join message_words as w on w.account = c.account and w.month = c.month and w.ucn = c.ucn

-- name: next_due
-- The earliest instant at which something that nobody holds may be claimed, and that of the jobs
-- alone: of each class from $1 on, before which it was looked already.
select min(at) as at, min(at) filter (where of_job) as job_at
from (
    (
        select next_at as at, true as of_job from jobs
        where
            next_at is not null and priority = 0 and lease_until is null
            and next_at >= ($1::timestamptz[])[1]
        order by next_at limit 1
    )
    union all
    (
        select next_at, true from jobs
        where
            next_at is not null and priority = 1 and lease_until is null
            and next_at >= ($1::timestamptz[])[2]
        order by next_at limit 1
    )
    union all
    (
        select next_at, true from jobs
        where
            next_at is not null and priority = 2 and lease_until is null
            and next_at >= ($1::timestamptz[])[3]
        order by next_at limit 1
    )
    union all
    (select next_at, false from errands where lease_until is null order by next_at limit 1)
) as earliest

-- name: sweep
-- Whether a job or an errand is due by $1, whoever holds it, and the earliest instant at which one that
-- nobody holds may be claimed. Due are also jobs whose attempts nobody has heard of since their intent,
-- to look them up. Only those begun since $2, and only what can be woken counts: neither the many that
-- the carrier has taken nor what an ended job left behind may keep the sweep from others. And the
-- channels for a number of which somebody waits; before when no duty need be looked for, which is now
-- while one is under way; whether anything is held against a line.
with silent as (
    select a.job
    from attempts as a
    where
        a.begun >= date_trunc('month', $2::timestamptz)::date
        and a.state = 'intended' and a.sid is null and a.check_at <= $1 and a.started_at >= $2
        and exists (
            select 1 from jobs as o
            where
                o.id = a.job and o.next_at > $1
                and o.state in ('pending', 'attempting', 'waiting_reply', 'exhausted')
        )
    order by a.started_at
    limit 500
),

woken as (
    update jobs as j
    set next_at = $1, awaits = null, awaits_at = null
    from (select distinct job from silent order by job) as s
    where
        j.id = s.job and j.next_at > $1
        and j.state in ('pending', 'attempting', 'waiting_reply', 'exhausted')
    returning 1
),

firsts as (
    (
        select next_at as at, lease_until from jobs
        where next_at is not null and priority = 0
        order by next_at limit 1
    )
    union all
    (
        select next_at, lease_until from jobs
        where next_at is not null and priority = 0 and lease_until is null
        order by next_at limit 1
    )
    union all
    (
        select next_at, lease_until from jobs
        where next_at is not null and priority = 1
        order by next_at limit 1
    )
    union all
    (
        select next_at, lease_until from jobs
        where next_at is not null and priority = 1 and lease_until is null
        order by next_at limit 1
    )
    union all
    (
        select next_at, lease_until from jobs
        where next_at is not null and priority = 2
        order by next_at limit 1
    )
    union all
    (
        select next_at, lease_until from jobs
        where next_at is not null and priority = 2 and lease_until is null
        order by next_at limit 1
    )
    union all
    (select next_at, lease_until from errands order by next_at limit 1)
    union all
    (
        select next_at, lease_until from errands
        where lease_until is null
        order by next_at limit 1
    )
)

select
    coalesce(min(at) <= $1, false) or exists (select 1 from woken) as due,
    min(at) filter (where lease_until is null) as next_at,
    array_remove(
        array[
            case
                when exists (
                    select 1 from jobs
                    where awaits is not null and awaits = 'call' and next_at = awaits_until
                ) then 'call'
            end,
            case
                when exists (
                    select 1 from jobs
                    where awaits is not null and awaits = 'text' and next_at = awaits_until
                ) then 'text'
            end
        ],
        null
    ) as awaited,
    case
        when exists (
            select 1 from duties where lease_until is not null order by lease_until limit 1
        ) then $1
        else least(
            (
                select next_at from duties
                where lease_until is null and kind not in ('coverage', 'phones', 'retention')
                order by next_at limit 1
            ),
            (
                select next_at from duties
                where lease_until is null and kind in ('coverage', 'phones', 'retention')
                order by next_at limit 1
            )
        )
    end as duty_at,
    exists (select 1 from breakers) as troubled
from firsts

-- name: keep_phones
-- Phones that were in use when the clock read $1, before it was set ahead, are so until $2.
with used as (
    select phone from open_calls
    where expires_at > $1 and expires_at < $2
    order by phone
    for update
)

update open_calls as o
set expires_at = $2
from used
where o.phone = used.phone

-- name: free_leases_of_the_dead
-- A lease is void once its owner no longer holds its advisory lock (objid = boot number). Only what
-- is due can be leased, so the oldest due of each class are looked at. Who lives is read once: the
-- view of the locks is dear. Tells how many jobs that freed, and when the first lease of the living
-- ends: at that instant whoever holds it is late, and the job anybody's.
with alive as materialized (
    select l.objid::bigint as boot
    from pg_locks as l
    where
        l.locktype = 'advisory' and l.classid = $1::integer::oid
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
),

due as materialized (
    (
        select id, lease_owner, lease_until from jobs
        where next_at is not null and priority = 0 and next_at <= $2
        order by next_at limit 1000
    )
    union all
    (
        select id, lease_owner, lease_until from jobs
        where next_at is not null and priority = 1 and next_at <= $2
        order by next_at limit 1000
    )
    union all
    (
        select id, lease_owner, lease_until from jobs
        where next_at is not null and priority = 2 and next_at <= $2
        order by next_at limit 1000
    )
),

orphaned as materialized (
    select id, lease_owner from due
    where lease_owner is not null and lease_owner not in (select boot from alive)
),

freed as (
    update jobs
    set lease_owner = null, lease_until = null
    from (select * from orphaned order by id) as o
    where jobs.id = o.id and jobs.lease_owner = o.lease_owner
    returning jobs.id
)

select
    (select count(*) from freed) as freed,
    (
        select min(d.lease_until) from due as d
        where d.lease_owner in (select a.boot from alive as a)
    ) as ends

-- name: new_boot
-- A number for this process, never given twice.
select nextval('boots') as boot

-- name: hold_boot
-- As long as this connection lives, the boot does.
select pg_advisory_lock($1, $2)

-- name: note_placed
-- The carrier took these attempts: their SIDs, unless an event has told more already. An intended
-- attempt with a SID counts as sent; its state stays, so that no index is touched (HOT). They were
-- begun in the months from $2 to $3. The limit takes nothing away: by it the planner expects few rows, and
-- goes by their keys; else it reads all of a young month, again and again (tests/store/test_young_plans.py).
update attempts as a
set
    sid = coalesce(a.sid, c.sid), check_at = to_timestamp(c.check_at),
    state = case when a.state = 'unsure' then 'sent' else a.state end
from (
    select * from unnest($1::placed_row[])
    order by attempt
    limit cardinality($1)
) as c
where a.id = c.attempt and a.begun between date($2::timestamptz) and date($3::timestamptz)

-- name: note_carried
-- The attempts that these carry are known to the carrier by the same SIDs. They were begun at the same
-- time, by clocks that may differ, as those that carry them: since $2. For the limit see `note_placed`.
update attempts as a
set
    sid = coalesce(a.sid, c.sid), check_at = to_timestamp(c.check_at),
    state = case when a.state = 'unsure' then 'sent' else a.state end
from (select * from unnest($1::placed_row[]) limit cardinality($1)) as c
where a.rides = c.attempt and a.id <> c.attempt and a.begun >= date($2::timestamptz) - 31

-- name: forget_codes
-- Codes that were closed a day ago ($1) may be given again.
delete from reply_codes
where
    (phone, code) in (
        select phone, code from reply_codes where closed_at <= $1 order by closed_at limit 1000
    )

-- name: claim_errands
-- Due errands, leased until $2: at most $3, at most $4 alerts, which may hang, and at most $5 cases,
-- of which a storm brings thousands: neither may keep a call from being ended. A lease longer than
-- any is from before the clock was set back.
with urgent as (
    select id from errands
    where
        kind <> 'alert' and kind <> 'case' and next_at <= $1
        and (
            lease_until is null or lease_until <= $1 or lease_until > $1 + interval '1 minute'
        )
    order by next_at, id
    limit $3
    for update skip locked
),

alerts as (
    select id from errands
    where
        kind = 'alert' and next_at <= $1
        and (
            lease_until is null or lease_until <= $1 or lease_until > $1 + interval '1 minute'
        )
    order by next_at, id
    limit $4
    for update skip locked
),

cases as (
    select id from errands
    where
        kind = 'case' and next_at <= $1
        and (
            lease_until is null or lease_until <= $1 or lease_until > $1 + interval '1 minute'
        )
    order by next_at, id
    limit $5
    for update skip locked
),

due as (
    select id from urgent
    union all
    select id from alerts
    union all
    select id from cases
)

update errands as e
set lease_until = $2, tries = e.tries + 1
from due
where e.id = due.id
returning e.*

-- name: add_errand
-- An errand of no message, told to every daemon.
with added as (
    insert into errands (id, kind, payload, next_at) values ($1, $2, $3, $4)
)

select pg_notify('dispatchd_due', extract(epoch from $4::timestamptz)::text)

-- name: done_errands
-- Performed, or given up.
delete from errands where id = any($1::uuid[])

-- name: take_errand
-- Performed in this very transaction; nothing, when somebody else has performed it.
delete from errands where id = $1
returning id

-- name: postpone_errand
-- Not yet: again later.
update errands set next_at = $2, lease_until = null where id = $1

-- name: attempt_sid
-- What the carrier calls an attempt of the months $2 to $3, once known, and how it stands.
select
    a.sid, a.state, a.outcome, a.ended_at, a.method, a.contact, a.ucn, a.account, a.month,
    a.address, a.sender, a.started_at,
    exists(
        select 1 from attempts as o
        where
            o.rides = a.rides and o.id <> a.id and o.outcome is null
            and o.begun >= a.begun - 31
    ) as needed
from attempts as a
where a.id = $1 and a.begun between date($2::timestamptz) and date($3::timestamptz)

-- name: postpone_jobs
-- Claimed jobs come back later; their due time stays.
update jobs as j
set next_at = c.next_at, awaits = null, awaits_at = null, lease_owner = null, lease_until = null
from (
    select * from unnest($1::uuid[], $2::timestamptz[]) as r (id, next_at)
    order by r.id
) as c
where j.id = c.id and j.lease_owner = $3

-- name: claimed_sids
-- Which of these SIDs an attempt to this phone since $3 already has.
select sid
from attempts
where
    begun >= date_trunc('month', $3::timestamptz)::date
    and address = $1 and started_at >= $3 and sid = any($2::text[])

-- name: owner_of
-- Who has claimed a job.
select owner from jobs where id = $1
