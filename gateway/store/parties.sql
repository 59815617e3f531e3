-- name: places_of_attempts
-- Which messages attempts belong to, which attempt is on the wire for each where that is shared, who
-- is asked for their PIN on a call to us, which answer its script waits for, and when a call to us
-- came. They were begun in the months $2 to $3.
select
    id, account, month, ucn, rides, step,
    case when method = 'inbound' and stage = 'pin' and outcome is null then address end as guesses,
    case when method = 'inbound' then started_at end as called_at
from attempts
where id = any($1::uuid[]) and begun between date($2::timestamptz) and date($3::timestamptz)

-- name: sender_of_attempt
-- The number of ours that an attempt of the months $2 to $3 went from.
select sender
from attempts
where id = $1 and begun between date($2::timestamptz) and date($3::timestamptz)

-- name: party
-- The messages of one call or text, the most urgent first; begun at the same time, since $2.
select a.id, a.account, a.month, a.ucn, a.contact, a.outcome, a.stage
from attempts as a
join messages as m on m.account = a.account and m.month = a.month and m.ucn = a.ucn
where a.rides = $1 and a.begun >= date($2::timestamptz) - 31
order by m.priority, m.taken_at, m.ucn
