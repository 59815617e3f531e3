-- name: find_delivery
-- A delivery as it stands.
select * from deliveries where id = $1

-- name: move_delivery
-- How a delivery stands from now on, unless it is no longer as it was read.
update deliveries
set
    state = $3, version = version + 1, tries = $4, streak = $5, words = $6, reason = $7,
    status = $8
where id = $1 and version = $2
returning id

-- name: approved_words
-- The values of a post that a person approved; null once erased.
select words from history_words
where account = $1 and month = $2 and ucn = $3 and seq = $4

-- name: wake_delivery
-- Due now, whoever may be performing it.
insert into duties as d (id, account, kind, key, next_at)
values ($1, $2, $3, $4, $5)
on conflict (id) do update
set next_at = excluded.next_at, fence = d.fence + 1, tries = 0, lease_until = null, memory = '{}'

-- name: find_post
-- A web post as it stands, and when it is looked at next.
select p.*, d.next_at
from deliveries as p
left join duties as d on d.account = p.account and d.kind = 'delivery' and d.key = p.id::text
where p.id = $1 and p.kind in ('claim', 'lead')

-- name: list_posts
-- Web posts of an account ($1, null: any) in a state ($2, null: any that waits for a person), those
-- that wait longest first, with when they are looked at next.
select p.*, d.next_at
from deliveries as p
left join duties as d on d.account = p.account and d.kind = 'delivery' and d.key = p.id::text
where
    p.kind in ('claim', 'lead')
    and ($1::text is null or p.account = $1)
    and ($2::text is null or p.state = $2)
    and ($2::text is not null or p.state in ('blocked', 'failed', 'unsure'))
order by p.created_at, p.id
limit $3

-- name: forget_deliveries
-- What is over since long ago; a post that waits for a person is not.
delete from deliveries
where
    account = $1 and created_at < $2
    and (state in ('sent', 'dropped') or kind in ('copy', 'digest'))

-- name: messages_between
-- The messages that came to us in a span, in order of their taking, with their words. Those that are
-- entered later than they were taken (after an outage; a week at most) belong to when they came.
select m.*, w.content
from messages as m
join history as h
    on h.account = m.account and h.month = m.month and h.ucn = m.ucn and h.seq = 1
left join message_words as w on w.account = m.account and w.month = m.month and w.ucn = m.ucn
where
    m.account = $1 and m.taken_at >= $2::timestamptz - interval '7 days'
    and h.at >= $2 and h.at < $3
    and ($5::text[] = '{}' or m.form = any($5))
order by m.taken_at, m.ucn
limit $4
