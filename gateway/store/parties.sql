-- name: place_of_attempt
-- Which message an attempt belongs to, which attempt is on the wire for it where that is shared, who
-- is asked for their PIN on a call to us, and which answer its script waits for.
select
    account, month, ucn, rides, step,
    case when method = 'inbound' and stage = 'pin' and outcome is null then address end as guesses
from attempts
where id = $1

-- name: sender_of_attempt
-- The number of ours that an attempt went from.
select sender from attempts where id = $1

-- name: party
-- The messages of one call or text, the most urgent first.
select a.id, a.account, a.month, a.ucn, a.contact, a.outcome, a.stage
from attempts as a
join messages as m on m.account = a.account and m.month = a.month and m.ucn = a.ucn
where a.rides = $1
order by m.priority, m.taken_at, m.ucn
