-- name: reserve
-- For each message to take: the account's version in force, and a UCN where none was given.
select
    k.account, a.version,
    case when k.ucn is null then nextval('ucn_numbers')::text else k.ucn end as ucn
from unnest($1::text[], $2::text[]) with ordinality as k (account, ucn, place)
left join accounts as a on a.account = k.account and a.deleted_at is null
order by k.place

-- name: take_messages
-- New messages with the items their histories begin with ($1), their jobs ($2) and erasable words
-- ($3), in one statement: what the directory of UCNs does not take (it stands there already) is left
-- out as a whole. Returns what was taken; $4 is told to the daemons (see wake.py).
with given as materialized (
    select * from unnest($1::taken_row[])
),

fresh as (
    insert into ucns (ucn, account, month)
    select g.ucn, g.account, g.month
    from given as g
    order by g.ucn
    on conflict (ucn) do nothing
    returning ucn
),

new as materialized (
    select g.* from given as g
    join fresh on fresh.ucn = g.ucn
),

taken as (
    insert into messages (
        account, month, ucn, priority, form, taken_by, taken_at, state, evidence, delivered_to,
        delivered_at, sent, head_seq, head_hash
    )
    select
        account, month, ucn, priority, form, taken_by, to_timestamp(taken_at), state, evidence,
        delivered_to, to_timestamp(delivered_at), sent, head_seq, head_hash
    from new
),

worded as (
    insert into message_words (account, month, ucn, content)
    select account, month, ucn, content from new
),

created as (
    insert into jobs (
        account, month, ucn, id, priority, source, state, created_at, due_at, next_at, cue_at,
        reason
    )
    select
        c.account, c.month, c.ucn, c.id, c.priority, c.source, c.state,
        to_timestamp(c.created_at), to_timestamp(c.due_at), to_timestamp(c.next_at),
        to_timestamp(c.cue_at), c.reason
    from unnest($2::new_job_row[]) as c
    join fresh on fresh.ucn = c.ucn
),

doubted as (
    insert into asides (account, month, ucn, aside)
    select account, month, ucn, aside from new
    where aside is not null
),

chained as (
    insert into history (account, month, ucn, seq, at, kind, item, hash)
    select account, month, ucn, first_seq, to_timestamp(at), kinds, items, hashes from new
),

kept as (
    insert into history_words (account, month, ucn, seq, salt, words)
    select c.account, c.month, c.ucn, c.seq, c.salt, c.words
    from unnest($3::words_row[]) as c
    join fresh on fresh.ucn = c.ucn
)

select fresh.ucn, case when $4::text is not null then pg_notify('dispatchd_due', $4) end as woken
from fresh

-- name: message_by_ucn
-- One message with its words.
select m.*, w.content, s.aside
from ucns as u
join messages as m on m.account = u.account and m.month = u.month and m.ucn = u.ucn
left join asides as s on s.account = u.account and s.month = u.month and s.ucn = u.ucn
left join message_words as w on w.account = u.account and w.month = u.month and w.ucn = u.ucn
where u.ucn = $1

-- name: deeds_of_messages
-- Who reached out or reported about these messages, in order: the items' actors and sources.
select
    k.account, k.month, k.ucn, h.kind, h.item::jsonb ->> 'actor' as actor,
    h.item::jsonb -> 'data' ->> 'source' as source
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join history_items as h on h.account = k.account and h.month = k.month and h.ucn = k.ucn
where h.kind = any($4::text[])
order by h.ucn, h.seq

-- name: list_messages
-- Messages, newest first: of an account ($1), also delivered ones ($2 given), since $3, at most $4.
select m.*, w.content, s.aside
from messages as m
left join asides as s on s.account = m.account and s.month = m.month and s.ucn = m.ucn
left join message_words as w on w.account = m.account and w.month = m.month and w.ucn = m.ucn
where
    ($1::text is null or m.account = $1)
    and ($2::boolean is not null or m.state <> 'delivered')
    and m.taken_at >= $3
order by m.taken_at desc, m.ucn desc
limit $4

-- name: many_pending
-- Whether more than $2 jobs have not ended, of an account ($1).
select count(*) > $2 as many
from (
    select 1
    from jobs as j
    where
        j.state not in ('completed', 'canceled', 'closed_leftover')
        and ($1::text is null or j.account = $1)
    limit $2 + 1
) as pending

-- name: list_pending_messages
-- Messages with a job that has not ended, newest first, however old, delivered or not: of an account
-- ($1), at most $2. Found by the jobs: for where those are few.
with pending as materialized (
    select distinct j.account, j.month, j.ucn
    from jobs as j
    where
        j.state not in ('completed', 'canceled', 'closed_leftover')
        and ($1::text is null or j.account = $1)
),

newest as materialized (
    select m.*
    from pending as p
    join messages as m on m.account = p.account and m.month = p.month and m.ucn = p.ucn
    order by m.taken_at desc, m.ucn desc
    limit $2
)

select n.*, w.content, s.aside
from newest as n
left join asides as s on s.account = n.account and s.month = n.month and s.ucn = n.ucn
left join message_words as w on w.account = n.account and w.month = n.month and w.ucn = n.ucn
order by n.taken_at desc, n.ucn desc

-- name: walk_messages
-- Messages with such a job ($3), or without, likewise. Found by going through the messages.
select m.*, w.content, s.aside
from messages as m
left join asides as s on s.account = m.account and s.month = m.month and s.ucn = m.ucn
left join message_words as w on w.account = m.account and w.month = m.month and w.ucn = m.ucn
where
    ($1::text is null or m.account = $1)
    and $3::boolean = exists (
        select 1 from jobs as j
        where
            j.account = m.account and j.month = m.month and j.ucn = m.ucn
            and j.state not in ('completed', 'canceled', 'closed_leftover')
    )
order by m.taken_at desc, m.ucn desc
limit $2

-- name: list_flagged
-- Messages that an account manager is to look at, of account $1 (null: any), longest flagged first.
with found as materialized (
    select s.account, s.month, s.ucn, s.aside
    from asides as s
    where s.aside ? 'review' and ($1::text is null or s.account = $1)
    order by s.aside -> 'review' ->> 'at', s.ucn
    limit $2
)

select m.*, w.content, s.aside
from found as s
join messages as m on m.account = s.account and m.month = s.month and m.ucn = s.ucn
left join message_words as w on w.account = s.account and w.month = s.month and w.ucn = s.ucn
order by s.aside -> 'review' ->> 'at', s.ucn

-- name: jobs_of_messages
-- The jobs of these messages, oldest first.
select j.*
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join jobs as j on j.account = k.account and j.month = k.month and j.ucn = k.ucn
order by j.created_at, j.id

-- name: history_of
-- A message's items in order, with the words that have not been erased and the head they lead to.
select h.seq, h.item, h.hash, w.salt, w.words, m.head_seq, m.head_hash
from messages as m
join history_items as h on h.account = m.account and h.month = m.month and h.ucn = m.ucn
left join history_words as w
    on w.account = h.account and w.month = h.month and w.ucn = h.ucn and w.seq = h.seq
where m.account = $1 and m.month = $2 and m.ucn = $3
order by h.seq

-- name: histories_of
-- The same of many messages, each one's items in order.
select k.place, h.seq, h.item, h.hash, w.salt, w.words, m.head_seq, m.head_hash
from unnest($1::text[], $2::date[], $3::text[])
    with ordinality as k (account, month, ucn, place)
join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
join history_items as h on h.account = m.account and h.month = m.month and h.ucn = m.ucn
left join history_words as w
    on w.account = h.account and w.month = h.month and w.ucn = h.ucn and w.seq = h.seq
order by k.place, h.seq
