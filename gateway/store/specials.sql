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
