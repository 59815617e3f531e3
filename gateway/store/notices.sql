-- name: add_notices
-- Notices to send, each with the duty that sends it; one that was there before stays as it is.
with asked as (
    select *
    from unnest(
        $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
        $7::timestamptz[], $8::text[], $9::text[], $10::timestamptz[]
    ) as c (id, account, contact, kind, schedule, at, until, subject, words, slot)
),

fresh as (
    insert into notices (id, account, contact, kind, schedule, at, until, subject, words, state)
    select
        a.id, a.account, a.contact, a.kind, a.schedule, a.at, a.until, a.subject, a.words,
        'waiting'
    from asked as a
    on conflict (id) do nothing
    returning id
)

insert into duties (id, account, kind, key, next_at)
select f.id, a.account, 'notice', f.id::text, a.slot
from fresh as f
join asked as a on a.id = f.id
on conflict (id) do nothing

-- name: forget_notices
-- Notices of an account about what was before $2.
delete from notices where account = $1 and at < $2

-- name: find_notice
-- A notice as it stands.
select id, account, contact, kind, schedule, at, until, subject, words, state
from notices
where id = $1

-- name: lock_notice
-- Hold a notice that nobody has tried to send.
select id from notices where id = $1 and state = 'waiting' for update

-- name: intend_notice
-- From here on it is never sent again, unless the carrier says that it did not take it.
update notices set state = 'intended', method = $2, sender = $3 where id = $1

-- name: settle_notice
-- What became of a notice: sent, failed, unsure, dropped, or waiting again.
update notices set state = $2, sid = $3, reason = $4
where id = $1 and state in ('waiting', 'intended', 'unsure')
returning id
