-- name: messages_to_review
-- Messages with an open review ($1) or a decided one, of an account ($2; null: any), the longest
-- open first, or the last decided first; at most $3.
select m.*, w.content, s.aside
from asides as s
join messages as m on m.account = s.account and m.month = s.month and m.ucn = s.ucn
left join message_words as w on w.account = s.account and w.month = s.month and w.ucn = s.ucn
where
    s.aside ? 'proof'
    and (s.aside -> 'proof' ->> 'state' = 'open') = $1::boolean
    and ($2::text is null or s.account = $2)
order by
    case when $1 then s.aside -> 'proof' ->> 'at' end,
    s.aside -> 'proof' ->> 'decided_at' desc,
    s.ucn
limit $3

-- name: specials_to_review
-- Specials that are to be reviewed ($1) or were, of an account ($2; null: any), likewise.
select *
from specials
where (state = 'pending') = $1::boolean and ($2::text is null or account = $2)
order by case when $1 then posted_at end, reviewed_at desc, id
limit $3

-- name: message_of_review
-- The message whose review this is.
select account, month, ucn
from asides
where aside ? 'proof' and aside -> 'proof' ->> 'id' = $1

-- name: account_of_special
-- The account of a special.
select account from specials where id = $1
