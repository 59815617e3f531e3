-- name: reserve
-- For each message to take: the account's version in force, and a UCN where none was given.
select
    k.account, a.version,
    case when k.ucn is null then nextval('ucn_numbers')::text else k.ucn end as ucn
from unnest($1::text[], $2::text[]) with ordinality as k (account, ucn, place)
left join accounts as a on a.account = k.account and a.deleted_at is null
order by k.place

-- name: take_messages
-- New messages with everything that belongs to them, in one statement: what the directory of UCNs
-- does not take (it stands there already) is left out as a whole. Returns what was taken; $33 wakes
-- the daemons.
with fresh as (
    insert into ucns (ucn, account, month)
    select c.ucn, c.account, c.month
    from unnest($1::text[], $2::date[], $3::text[]) as c (account, month, ucn)
    order by c.ucn
    on conflict (ucn) do nothing
    returning ucn
),

taken as (
    insert into messages (
        account, month, ucn, priority, form, taken_by, taken_at, state, evidence, delivered_to,
        delivered_at, sent, head_seq, head_hash
    )
    select c.*
    from unnest(
        $1::text[], $2::date[], $3::text[], $4::smallint[], $5::text[], $6::text[],
        $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::timestamptz[],
        $12::boolean[], $13::integer[], $14::text[]
    ) as c (
        account, month, ucn, priority, form, taken_by, taken_at, state, evidence, delivered_to,
        delivered_at, sent, head_seq, head_hash
    )
    join fresh on fresh.ucn = c.ucn
),

worded as (
    insert into message_words (account, month, ucn, content)
    select c.account, c.month, c.ucn, c.content
    from unnest($1::text[], $2::date[], $3::text[], $15::jsonb[])
        as c (account, month, ucn, content)
    join fresh on fresh.ucn = c.ucn
),

created as (
    insert into jobs (
        account, month, ucn, id, priority, source, state, created_at, due_at, next_at, cue_at,
        reason
    )
    select c.*
    from unnest(
        $16::text[], $17::date[], $18::text[], $19::uuid[], $20::smallint[], $21::text[],
        $22::text[], $23::timestamptz[], $24::timestamptz[], $25::timestamptz[],
        $26::timestamptz[], $42::text[]
    ) as c (
        account, month, ucn, id, priority, source, state, created_at, due_at, next_at, cue_at,
        reason
    )
    join fresh on fresh.ucn = c.ucn
),

doubted as (
    insert into asides (account, month, ucn, aside)
    select c.account, c.month, c.ucn, c.aside
    from unnest($1::text[], $2::date[], $3::text[], $43::jsonb[])
        as c (account, month, ucn, aside)
    join fresh on fresh.ucn = c.ucn
    where c.aside is not null
),

chained as (
    insert into history (account, month, ucn, seq, at, kind, item, hash)
    select c.*
    from unnest(
        $27::text[], $28::date[], $29::text[], $30::integer[], $31::timestamptz[], $32::text[],
        $34::text[], $35::text[]
    ) as c (account, month, ucn, seq, at, kind, item, hash)
    join fresh on fresh.ucn = c.ucn
),

kept as (
    insert into history_words (account, month, ucn, seq, salt, words)
    select c.*
    from unnest(
        $36::text[], $37::date[], $38::text[], $39::integer[], $40::text[], $41::text[]
    ) as c (account, month, ucn, seq, salt, words)
    join fresh on fresh.ucn = c.ucn
)

select fresh.ucn, case when $33::boolean then pg_notify('dispatchd_due', '') end as woken
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
