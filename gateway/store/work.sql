-- name: dispatch_work
-- Jobs that are due ($1) or wait for a person, most urgent first; at most $2.
select f.account, f.ucn, f.id::text as subject, f.state as reason, f.due_at as since, f.owner
from unnest('{0, 1, 2}'::smallint[]) as c (priority)
cross join lateral (
    select j.account, j.ucn, j.id, j.state, j.due_at, j.owner, j.priority
    from jobs as j
    where
        j.priority = c.priority and j.state not in ('completed', 'canceled', 'closed_leftover')
        and j.state <> 'parked'
        and (j.due_at <= $1 or j.state in ('held', 'limit_reached', 'exhausted'))
        and not (j.state = 'held' and coalesce(j.reason, '') in ('office_open', 'special'))
    order by j.due_at, j.id
    limit $2
) as f
order by f.priority, f.due_at, f.id
limit $2

-- name: parked_work
-- Parked messages for a skill ($3), or for all others (not $4), longest parked first; at most $2. A
-- claim that has lapsed ($1) is nobody's.
select
    s.account, s.ucn, s.aside -> 'park' ->> 'skill' as subject, 'parked' as reason,
    (s.aside -> 'park' ->> 'at')::timestamptz as since,
    case
        when (s.aside -> 'park' ->> 'until')::timestamptz > $1 then s.aside -> 'park' ->> 'owner'
    end as owner
from asides as s
where s.aside ? 'park' and (lower(s.aside -> 'park' ->> 'skill') = $3) = $4
order by since, s.ucn
limit $2

-- name: review_work
-- Messages with an open review and specials that nobody has reviewed, longest waiting first; at most
-- $1.
select account, ucn, subject, reason, since, null::text as owner
from (
    (
        select
            account, ucn, aside -> 'proof' ->> 'id' as subject, 'message' as reason,
            (aside -> 'proof' ->> 'at')::timestamptz as since
        from asides
        where aside -> 'proof' ->> 'state' = 'open'
        order by aside -> 'proof' ->> 'at'
        limit $1
    )
    union all
    (
        select account, null::text, id::text, 'special', posted_at
        from specials
        where state = 'pending'
        order by posted_at
        limit $1
    )
) as waiting
order by since, subject
limit $1
