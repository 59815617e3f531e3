-- name: place_of_attempt
-- Which message an attempt belongs to, and which attempt is on the wire for it where that is shared.
select account, month, ucn, rides
from attempts
where id = $1

-- name: party
-- The messages of one call or text, the most urgent first.
select a.id, a.account, a.month, a.ucn, a.contact, a.outcome, a.stage
from attempts as a
join messages as m on m.account = a.account and m.month = a.month and m.ucn = a.ucn
where a.rides = $1
order by m.priority, m.taken_at, m.ucn
