-- name: matters_with_words
-- The next $3 matters of an account ($1) that nothing was done with since $2 and that were not
-- erased, or have words or letters of after that. Whether they are over, their kind tells.
select m.id
from matters as m
where
    m.account = $1 and m.changed_at < $2 and m.next_at is null
    and (
        exists (select 1 from matter_words as w where w.matter = m.id)
        or exists (select 1 from letters as l where l.matter = m.id and l.recipient <> 'erased')
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

-- name: erase_matter_words
-- What people wrote of a matter, and to whom it wrote what; that it did, and what became of it, stays.
with words as (
    delete from matter_words where matter = $1
)

update letters set recipient = 'erased', subject = '', body = 'erased'
where matter = $1 and state not in ('waiting', 'intended')
