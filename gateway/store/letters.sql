-- name: find_letter
-- A letter as it stands, its matter's kind, and whether its number takes no texts.
select
    l.*, m.kind as matter_kind,
    exists (
        select 1 from phones as p
        where
            l.way = 'text' and p.phone = l.recipient
            and (p.opted_out_at is not null or p.suspended_at is not null)
    ) as barred
from letters as l
join matters as m on m.id = l.matter
where l.id = $1

-- name: lock_letter
-- Hold a letter that nobody has tried to send.
select id from letters where id = $1 and state = 'waiting' for update

-- name: intend_letter
-- From here on it is never sent again, unless it is said that it was not taken.
update letters set state = 'intended', way = $2, sender = $3 where id = $1

-- name: settle_letter
-- What became of a letter: sent, failed, unsure, dropped, or waiting again.
update letters set state = $2, sid = $3, reason = $4
where id = $1 and state in ('waiting', 'intended')
returning id
