-- name: matters_with_words
-- The next $3 matters of an account ($1) that nothing was done with since $2 and that were not
-- erased, or have words, letters or files of after that. Whether they are over, their kind tells.
select m.id
from matters as m
where
    m.account = $1 and m.changed_at < $2 and m.next_at is null
    and (
        exists (select 1 from matter_words as w where w.matter = m.id)
        or exists (select 1 from letters as l where l.matter = m.id and l.recipient <> 'erased')
        or m.facts -> 'photos' <> '[]' or m.facts #> '{work,documents}' <> '[]'
        or not exists (
            select 1 from matter_items as i where i.matter = m.id and i.kind = m.kind || '.erased'
        )
    )
order by m.changed_at, m.id
limit $3

-- name: matters_about
-- The matters about these messages ($2) of these accounts ($1), each of its own.
select distinct m.id
from unnest($1::text[], $2::text[]) as k (account, ucn)
join matters as m
    on m.account = k.account and m.ucns <> '{}' and m.ucns @> array[k.ucn]
order by m.id

-- name: messages_of_matters
-- The messages that these matters ($1) are about, of each one's account.
select distinct m.account, u.ucn
from matters as m
cross join lateral unnest(m.ucns) as u (ucn)
where m.id = any($1::uuid[])

-- name: matters_of_caller
-- The field jobs for whoever has that number ($1), the cases about these and the hand-offs that they
-- called about, of account $2 (null: any; cases: of their jobs'). Jobs come last: with the last one goes
-- who they are, and by that number the others are found.
with jobs as (
    select m.id
    from customers as c
    join field_jobs as f on f.customer = c.id
    join matters as m on m.id = f.id
    where c.phone = $1 and ($2::text is null or m.account = $2)
)

select
    j.id,
    true as last
from jobs as j
union
select
    e.id,
    false as last
from jobs as j
join matters as e on e.kind = 'case' and e.about @> array[j.id::text]
union
select
    m.id,
    false as last
from matters as m
where
    m.kind = 'handoff' and m.facts -> 'caller' ? $1
    and ($2::text is null or m.account = $2)
order by last, id

-- name: matters_still_worded
-- Which of these ($1) were not erased, or have words, letters or files of after that.
select m.id
from matters as m
where
    m.id = any($1::uuid[])
    and (
        exists (select 1 from matter_words as w where w.matter = m.id)
        or exists (select 1 from letters as l where l.matter = m.id and l.recipient <> 'erased')
        or m.facts -> 'photos' <> '[]' or m.facts #> '{work,documents}' <> '[]'
        or not exists (
            select 1 from matter_items as i where i.matter = m.id and i.kind = m.kind || '.erased'
        )
    )
order by m.kind = 'fieldjob', m.id

-- name: count_customers
-- How many customers have that number.
select count(*) from customers where phone = $1

-- name: hold_letters
-- The letters of a matter that have not left, held: nobody sends one meanwhile.
select state from letters
where matter = $1 and state in ('waiting', 'intended')
order by id
for update

-- name: erase_matter_words
-- What people wrote of a matter, and to whom it wrote what; that it did, and what became of it, stays.
-- What still waits to leave has no words any more, and never does.
with words as (
    delete from matter_words where matter = $1
)

update letters
set
    recipient = 'erased', subject = '', body = 'erased',
    state = case state when 'waiting' then 'dropped' else state end,
    reason = case state when 'waiting' then 'its words were erased' else reason end
where matter = $1 and state <> 'intended'
