-- name: write_matter
-- One decision about a matter ($1), whole or not at all: new, or if it is of the version before $12.
-- Its items, words, letters, alarms and news go with it, and its clock is set ($16) or stopped (null).
with matter as (
    insert into matters as m (
        id, account, kind, state, owner, subject, about, ucns, facts, head_seq, head_hash,
        version, opened_at, changed_at, next_at
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16)
    on conflict (id) do update
    set
        account = excluded.account, state = excluded.state, owner = excluded.owner,
        subject = excluded.subject, about = excluded.about, ucns = excluded.ucns,
        facts = excluded.facts, head_seq = excluded.head_seq, head_hash = excluded.head_hash,
        version = excluded.version, changed_at = excluded.changed_at, next_at = excluded.next_at
    where m.version = excluded.version - 1
    returning m.id
),

chained as (
    insert into matter_items (matter, seq, account, at, kind, item, hash)
    select m.id, c.seq, $2, $14, c.kind, c.item, c.hash
    from matter as m, unnest($17::integer[], $18::text[], $19::text[], $20::text[])
        as c (seq, kind, item, hash)
),

worded as (
    insert into matter_words (matter, seq, account, salt, words)
    select m.id, c.seq, $2, c.salt, c.words
    from matter as m, unnest($21::integer[], $22::text[], $23::text[]) as c (seq, salt, words)
),

clock as (
    insert into duties as d (id, account, kind, key, next_at)
    select $15, '', 'matter', m.id::text, $16
    from matter as m
    where $16::timestamptz is not null
    on conflict (id) do update
    set next_at = excluded.next_at, fence = d.fence + 1, tries = 0, lease_until = null
),

stopped as (
    delete from duties as d using matter as m
    where d.id = $15 and $16::timestamptz is null
),

posted as (
    insert into letters (
        id, account, matter, name, way, recipient, subject, body, until, state, created_at
    )
    select
        c.id, $2, m.id, c.name, c.way, c.recipient, c.subject, c.body, c.until, 'waiting', $14
    from matter as m, unnest(
        $24::uuid[], $25::text[], $26::text[], $27::text[], $28::text[], $29::text[],
        $30::timestamptz[]
    ) as c (id, name, way, recipient, subject, body, until)
    on conflict (id) do nothing
    returning id
),

to_send as (
    insert into duties (id, account, kind, key, next_at)
    select p.id, '', 'letter', p.id::text, c.slot
    from posted as p
    join unnest($24::uuid[], $31::timestamptz[]) as c (id, slot) on c.id = p.id
    on conflict (id) do nothing
    returning id
),

rung as (
    insert into errands (id, kind, payload, next_at)
    select c.id, 'alert', c.payload, $14
    from matter as m, unnest($32::uuid[], $33::jsonb[]) as c (id, payload)
    returning id
),

called_back as (
    update letters as l set state = 'dropped', reason = 'it was called back'
    from matter
    where l.id = any($39::uuid[]) and l.state = 'waiting'
),

-- What views are told stands in order with what needs a person: see needs.sql.
in_order as materialized (
    select pg_advisory_xact_lock($34) as held from matter where $35::text is not null
),

heard as (
    insert into needs (account, job, kind, reason, why, at, seen_by, lost_by)
    select $2, $1, $3, $35, $36, $14, $37::text[], $38::text[]
    from in_order
),

-- A clock of later than the next sweep is known by then.
told as (
    select case
        when exists (select 1 from to_send) or $16 < $14::timestamptz + interval '6 seconds' then 'duty'
        when exists (select 1 from rung) then extract(epoch from $14::timestamptz)::text
    end as words
)

select m.id, case when t.words is not null then pg_notify('dispatchd_due', t.words) end as woken
from matter as m
cross join told as t

-- name: matters_by_id
-- Matters by their ids, of a kind ($2) or of any.
select m.*
from matters as m
where m.id = any($1::uuid[]) and ($2::text is null or m.kind = $2)

-- name: matter_of_subject
-- Which matter has that subject now.
select id from matters where subject = $1

-- name: list_matters
-- Matters of a kind ($1), newest first: in one of these states ($2), of an owner ($3), about all of
-- these ($4), of an account ($5), linked to a message ($6), opened before that one ($7), at most $8.
select m.*
from matters as m
where
    m.kind = $1
    and ($2::text[] is null or m.state = any($2::text[]))
    and ($3::text is null or m.owner = $3)
    and ($4::text[] is null or m.about @> $4::text[])
    and ($5::text is null or m.account = $5)
    and ($6::text[] is null or (m.ucns <> '{}' and m.ucns @> $6::text[]))
    and (
        $7::uuid is null
        or (m.opened_at, m.id) < (select b.opened_at, b.id from matters as b where b.id = $7::uuid)
    )
order by m.opened_at desc, m.id desc
limit $8

-- name: matter_history
-- A matter's items in order, with the words that have not been erased and the head they lead to.
select i.seq, i.item, i.hash, w.salt, w.words, m.head_seq, m.head_hash
from matters as m
join matter_items as i on i.matter = m.id
left join matter_words as w on w.matter = i.matter and w.seq = i.seq
where m.id = $1
order by i.seq

-- name: matters_to_check
-- Matters after that one ($1), for a check of their chains, of these accounts (null: of all).
select id, kind, account
from matters
where id > $1 and ($2::text[] is null or account = any($2::text[]))
order by id
limit $3
