-- name: add_special
-- A special just posted, in force from its start on and still to be reviewed.
insert into specials (
    account, id, text, starts_at, ends_at, replace, hold, state, posted_by, posted_at
) values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9)

-- name: standing_specials
-- The specials of an account that no one rejected and that end after $2, oldest post first.
select *
from specials
where account = $1 and state <> 'rejected' and ends_at > $2
order by posted_at, id

-- name: specials_at
-- The specials of an account that were active at $2, by what is known now: over its whole span, also
-- what of that had passed when it was posted; a rejected one until its review.
select *
from specials
where
    account = $1 and starts_at <= $2 and ends_at > $2
    and (state <> 'rejected' or reviewed_at > $2)
order by posted_at, id

-- name: specials_in_state
-- The specials of an account in a state ($2; else all), the newest $3, oldest post first.
select *
from (
    select *
    from specials
    where account = $1 and ($2::text is null or state = $2)
    order by posted_at desc, id desc
    limit $3
) as newest
order by posted_at, id

-- name: lock_special
-- One special, for its reviewer alone.
select * from specials where account = $1 and id = $2 for update

-- name: review_special
-- What the reviewer found.
update specials
set state = $3, reviewed_by = $4, reviewed_at = $5
where account = $1 and id = $2

-- name: open_messages
-- The messages of an account that somebody has yet to hear.
select distinct account, month, ucn
from jobs
where account = $1 and state not in ('completed', 'canceled', 'closed_leftover')
order by ucn

-- name: untold_messages
-- The messages of an account that somebody has yet to hear and whose record has no item of kind $2
-- about special $3, with the number of their newest item; of those taken by $4 alone (null: all).
select m.account, m.month, m.ucn, m.head_seq
from messages as m
where
    (m.account, m.month, m.ucn) in (
        select j.account, j.month, j.ucn from jobs as j
        where j.account = $1 and j.state not in ('completed', 'canceled', 'closed_leftover')
    )
    and not exists (
        select 1 from history as h
        where
            h.account = m.account and h.month = m.month and h.ucn = m.ucn
            and $2 = any(string_to_array(h.kind, ' ')) and strpos(h.item, $3) > 0
    )
    and (
        $4::timestamptz is null
        or exists (
            select 1 from history as f
            where
                f.account = m.account and f.month = m.month and f.ucn = m.ucn
                and f.seq = 1 and f.at <= $4
        )
    )
order by m.ucn

-- name: special
-- One special as it stands.
select * from specials where account = $1 and id = $2

-- name: add_items
-- What happened to the account itself.
insert into account_items (account, at, actor, kind, outcome, text, data)
select $1, $2, c.actor, c.kind, c.outcome, c.text, c.data
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
    as c (actor, kind, outcome, text, data)

-- name: items_of_account
-- The newest $2 of what happened to an account.
select at, actor, kind, outcome, text, data
from account_items
where account = $1
order by at desc, place desc
limit $2
