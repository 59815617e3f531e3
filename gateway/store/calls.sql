-- name: list_calls
-- Telephone calls, newest first: those on which messages were taken and those placed for them. Of an
-- account ($1), begun since $2, with contact $3 (which leaves out the calls that agents took); at most
-- $4.
(
    select
        m.account, m.month, m.ucn, m.taken_by, a.id as attempt, a.contact, a.address, a.source,
        a.started_at as at, a.answered_at, a.ended_at, a.outcome, false as recorded
    from attempts as a
    join messages as m on m.account = a.account and m.month = a.month and m.ucn = a.ucn
    where
        a.begun >= date_trunc('month', $2::timestamptz)::date
        and a.method = 'call' and a.started_at >= $2
        and ($1::text is null or a.account = $1)
        and ($3::text is null or a.contact = $3)
    order by a.started_at desc, a.ucn desc
    limit $4
)
union all
(
    select
        m.account, m.month, m.ucn, m.taken_by, null, null, null, null, m.taken_at, null, null, null,
        r.ucn is not null
    from messages as m
    left join recordings as r on r.account = m.account and r.month = m.month and r.ucn = m.ucn
    where ($1::text is null or m.account = $1) and m.taken_at >= $2 and $3::text is null
    order by m.taken_at desc, m.ucn desc
    limit $4
)
order by 9 desc, 3 desc, 5
limit $4

-- name: calls_of_messages
-- The same of one message ($2, $3), or of messages that were taken by one of $4, of an account ($1),
-- after $5; begun since $6, with contact $7; at most $8.
with found as (
    select m.account, m.month, m.ucn, m.taken_by, m.taken_at
    from messages as m
    where
        ($1::text is null or m.account = $1)
        and ($2::date is null or m.month = $2)
        and ($3::text is null or m.ucn = $3)
        and ($4::text[] is null or m.taken_by = any($4::text[]))
        and ($5::timestamptz is null or m.taken_at >= $5)
)

select
    f.account, f.month, f.ucn, f.taken_by, a.id as attempt, a.contact, a.address, a.source,
    a.started_at as at, a.answered_at, a.ended_at, a.outcome, false as recorded
from found as f
join attempts as a on a.account = f.account and a.month = f.month and a.ucn = f.ucn
where
    a.method = 'call' and a.begun >= f.month
    and ($6::timestamptz is null or a.started_at >= $6)
    and ($7::text is null or a.contact = $7)
union all
select
    f.account, f.month, f.ucn, f.taken_by, null, null, null, null, f.taken_at, null, null, null,
    r.ucn is not null
from found as f
left join recordings as r on r.account = f.account and r.month = f.month and r.ucn = f.ucn
where $7::text is null and ($6::timestamptz is null or f.taken_at >= $6)
order by 9 desc, 3 desc, 5
limit $8

-- name: items_of_calls
-- The items of these messages' histories, in order.
select h.account, h.month, h.ucn, h.item, h.hash
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join history_items as h on h.account = k.account and h.month = k.month and h.ucn = k.ucn
order by h.account, h.ucn, h.seq
