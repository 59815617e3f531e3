-- name: export_documents
-- Every version of an account's document.
select version, created_at, created_by, document
from account_versions
where account = $1
order by version

-- name: export_messages
-- Messages of an account after ($2, $3), with their details and where their calls can be heard.
select
    m.month, m.ucn,
    to_jsonb(m) || jsonb_build_object('content', w.content, 'recording', r.url) as line
from messages as m
left join message_words as w on w.account = m.account and w.month = m.month and w.ucn = m.ucn
left join recordings as r on r.account = m.account and r.month = m.month and r.ucn = m.ucn
where m.account = $1 and (m.month, m.ucn) > ($2, $3)
order by m.month, m.ucn
limit $4

-- name: export_jobs
-- The jobs of these messages of an account ($1).
select to_jsonb(j) as line
from unnest($2::date[], $3::text[]) as k (month, ucn)
join jobs as j on j.account = $1 and j.month = k.month and j.ucn = k.ucn
order by j.month, j.ucn, j.created_at, j.id

-- name: export_attempts
-- The attempts of these messages of an account ($1).
select to_jsonb(t) - 'begun' as line
from unnest($2::date[], $3::text[]) as k (month, ucn)
join attempts as t
    on t.account = $1 and t.month = k.month and t.ucn = k.ucn and t.begun >= k.month
order by t.month, t.ucn, t.started_at, t.id

-- name: export_history
-- The items of these messages of an account ($1), with the words that have not been erased.
select h.item, h.hash, w.salt, w.words
from unnest($2::date[], $3::text[]) as k (month, ucn)
join history_items as h on h.account = $1 and h.month = k.month and h.ucn = k.ucn
left join history_words as w
    on w.account = h.account and w.month = h.month and w.ucn = h.ucn and w.seq = h.seq
order by h.month, h.ucn, h.seq

-- name: export_account_items
-- What happened to an account itself.
select to_jsonb(i) as line from account_items as i where i.account = $1 order by i.place

-- name: export_specials
-- The specials that were posted for an account.
select to_jsonb(s) as line from specials as s where s.account = $1 order by s.posted_at, s.id

-- name: export_mistakes
-- The mistakes that were entered about an account's messages.
select to_jsonb(s) as line from mistakes as s where s.account = $1 order by s.entered_at, s.id

-- name: export_deliveries
-- What the client was sent besides, and what became of it.
select to_jsonb(d) as line from deliveries as d where d.account = $1 order by d.created_at, d.id

-- name: export_matters
-- The cases and field jobs of an account ($1) after that one ($2).
select m.id, to_jsonb(m) - 'subject' as line
from matters as m
where m.account = $1 and m.id > $2
order by m.id
limit $3

-- name: export_letters
-- What these matters sent, and what became of it.
select to_jsonb(t) as line
from letters as t
where t.matter = any($1::uuid[])
order by t.matter, t.created_at, t.id

-- name: export_matter_history
-- The items of these matters, with the words that have not been erased.
select i.item, i.hash, w.salt, w.words
from matter_items as i
left join matter_words as w on w.matter = i.matter and w.seq = i.seq
where i.matter = any($1::uuid[])
order by i.matter, i.seq

-- name: messages_to_check
-- Messages of these accounts (null: of all) after ($2, $3, $4), for a check of their chains; not those
-- of months that were put away.
select m.account, m.month, m.ucn
from messages as m
where
    ($1::text[] is null or m.account = any($1::text[]))
    and (m.account, m.month, m.ucn) > ($2, $3, $4)
    and m.month not in (select w.month from months_away as w)
order by m.account, m.month, m.ucn
limit $5
