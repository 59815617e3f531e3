-- name: failing_phones
-- Of the phones of an account's people ($1): which have failed at least $3 times in a row since $2,
-- with nothing else after the first of those failures, whoever's account they were called for. A
-- request that the carrier did not even take says nothing of a phone, unless it refused the number.
with tried as (
    select
        t.address, t.method = 'call' as spoken, t.started_at,
        t.outcome in ('failed', 'undelivered', 'refused') as failed
    from attempts as t
    where
        t.begun >= date_trunc('month', $2::timestamptz)::date
        and t.address in (select p.phone from contact_phones as p where p.account = $1)
        and t.started_at > $2 and t.method in ('call', 'sms', 'secure')
        and (t.sid is not null or t.outcome = 'refused')
        and t.outcome is not null and t.outcome not in ('canceled', 'lost', 'opted_out')
        and (t.rides is null or t.rides = t.id)
),

worked as (
    select address, spoken, max(started_at) as at from tried where not failed group by address, spoken
)

select t.address, t.spoken, count(*) as times, min(t.started_at) as since, max(t.started_at) as last
from tried as t
left join worked as w on w.address = t.address and w.spoken = t.spoken
where t.failed and (w.at is null or t.started_at > w.at)
group by t.address, t.spoken
having count(*) >= $3
order by t.address, t.spoken
