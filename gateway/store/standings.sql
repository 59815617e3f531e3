-- name: count_jobs
-- How many jobs stand in which state.
select state, count(*) as jobs
from jobs
where state not in ('completed', 'canceled', 'closed_leftover')
group by state

-- name: count_unsure
-- How many attempts of open jobs may or may not have reached the carrier.
select count(*) as attempts
from jobs as j
join attempts as a on a.account = j.account and a.month = j.month and a.ucn = j.ucn
where a.begun >= j.month and j.state not in ('completed', 'canceled', 'closed_leftover') and a.state = 'unsure'

-- name: oldest_due
-- The due time of the most overdue job; who waits for a sending number is due all the while.
select min(o.at) as at
from (
    select min(due_at) as at from jobs
    where next_at is not null and next_at <= $1 and due_at <= $1
    union all
    select min(due_at) from jobs
    where awaits is not null and next_at = awaits_until and due_at <= $1
) as o
