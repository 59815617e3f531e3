-- name: load_breakers
-- Every line that is not as good as new.
select channel, place, streak, fine, faults, since, opened_at, retry_at, times, probed_at,
    answers
from breakers

-- name: add_breakers
-- Lines of which something was heard for the first time, so that there is a row to lock.
insert into breakers (channel, place, streak, fine, faults, times, answers)
select b.channel, b.place, 0, 0, 0, 0, false
from unnest($1::text[], $2::text[]) as b (channel, place)
order by b.channel, b.place
on conflict (channel, place) do nothing

-- name: lock_breakers
-- These lines, in one order for everybody.
select
    b.channel, b.place, b.streak, b.fine, b.faults, b.since, b.opened_at, b.retry_at, b.times,
    b.probed_at, b.answers
from breakers as b
join unnest($1::text[], $2::text[]) as w (channel, place)
    on w.channel = b.channel and w.place = b.place
order by b.channel, b.place
for update of b

-- name: keep_breaker
-- How a line stands now.
update breakers
set
    streak = $3, fine = $4, faults = $5, since = $6, opened_at = $7, retry_at = $8, times = $9,
    probed_at = $10, answers = $11
where channel = $1 and place = $2

-- name: forget_breaker
-- Nothing is held against the line any more.
delete from breakers where channel = $1 and place = $2

-- name: forget_strangers
-- Lines of numbers that are not ours ($1 channels, $2 places) and were last heard of before $3.
delete from breakers as b
where
    not exists (
        select 1 from unnest($1::text[], $2::text[]) as o (channel, place)
        where o.channel = b.channel and o.place = b.place
    )
    and greatest(b.since, b.opened_at, b.probed_at, '-infinity') < $3

-- name: wake_first
-- The least urgent job that waits for a channel is due, to try it. What somebody writes just now is
-- awake already.
with woken as (
    update jobs
    set next_at = $2, awaits = null, awaits_at = null, version = version + 1
    where id in (
        select id from jobs
        where waits_for = $1 and next_at is not null
        order by priority desc, next_at, id
        limit 1
        for update skip locked
    )
    returning 1
)

select pg_notify('dispatchd_due', extract(epoch from $2::timestamptz)::text)
where exists (select 1 from woken)

-- name: wake_shut_out
-- Jobs that waited for a channel are due, now that it is to be had: so many after the id $3, of
-- which the last is returned. Their version counts on, or a decision made before would write them
-- back to sleep. What they waited for stays until they are planned: who waits on has said so. They
-- come in the order in which they were due.
with woken as (
    update jobs
    set next_at = least(coalesce(due_at, $2), $2), awaits = null, awaits_at = null, version = version + 1
    where id in (
        select id from jobs
        where waits_for = $1 and next_at is not null and id > $3
        order by id
        limit $4
        for update
    )
    returning id, next_at
),

told as (
    select pg_notify('dispatchd_due', extract(epoch from min(next_at))::text) as words
    from woken
    having count(*) > 0
)

select w.id, t.words
from woken as w
cross join told as t
order by w.id desc
limit 1
