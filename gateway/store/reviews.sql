-- name: messages_to_review
-- Messages with an open review, of an account ($1), the longest open first; at most $2. Those
-- shown are chosen before they are joined: a plan may not join all of an account with all of it.
with found as materialized (
    select s.account, s.month, s.ucn, s.aside
    from asides as s
    where s.aside -> 'proof' ->> 'state' = 'open' and ($1::text is null or s.account = $1)
    order by s.aside -> 'proof' ->> 'at', s.ucn
    limit $2
)

select m.*, w.content, s.aside
from found as s
join messages as m on m.account = s.account and m.month = s.month and m.ucn = s.ucn
left join message_words as w on w.account = s.account and w.month = s.month and w.ucn = s.ucn
order by s.aside -> 'proof' ->> 'at', s.ucn

-- name: messages_reviewed
-- Messages with a decided review, likewise, the last decided first.
with found as materialized (
    select s.account, s.month, s.ucn, s.aside
    from asides as s
    where s.aside -> 'proof' ->> 'state' <> 'open' and ($1::text is null or s.account = $1)
    order by s.aside -> 'proof' ->> 'decided_at' desc, s.ucn
    limit $2
)

select m.*, w.content, s.aside
from found as s
join messages as m on m.account = s.account and m.month = s.month and m.ucn = s.ucn
left join message_words as w on w.account = s.account and w.month = s.month and w.ucn = s.ucn
order by s.aside -> 'proof' ->> 'decided_at' desc, s.ucn

-- name: specials_to_review
-- Specials that nobody has reviewed, of an account ($1), the longest posted first; at most $2.
select *
from specials
where state = 'pending' and ($1::text is null or account = $1)
order by posted_at, id
limit $2

-- name: specials_reviewed
-- Specials that somebody has reviewed, likewise, the last reviewed first.
select *
from specials
where state <> 'pending' and ($1::text is null or account = $1)
order by reviewed_at desc, id
limit $2

-- name: message_of_review
-- The message whose review this is.
select account, month, ucn
from asides
where aside ? 'proof' and aside -> 'proof' ->> 'id' = $1

-- name: account_of_special
-- The account of a special.
select account from specials where id = $1
