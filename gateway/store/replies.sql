-- name: phone
-- What is known of a phone number.
select
    opted_out_at is not null as opted_out, suspended_at is not null as suspended,
    coalesce(suspended_for, '') as reason, helps, helped_at,
    case
        when opted_out_at is not null then coalesce(opted_out_since, opted_out_at)
    end as opted_out_since
from phones
where phone = $1

-- name: codes_of_phone
-- The codes of a phone with their messages, open ones and those closed within a day, oldest first.
select
    r.code, r.account, r.month, r.ucn, r.contact, r.issued_at, m.state, m.priority,
    m.delivered_to, m.delivered_at, a.version as document,
    (
        select t.sender from attempts as t
        where
            t.account = r.account and t.month = r.month and t.ucn = r.ucn and t.begun >= r.month
            and t.address = r.phone and t.code is not null
        order by t.started_at desc
        limit 1
    ) as sender
from reply_codes as r
join messages as m on m.account = r.account and m.month = r.month and m.ucn = r.ucn
left join accounts as a on a.account = r.account
where r.phone = $1 and (r.closed_at is null or r.closed_at > $2)
order by r.issued_at, r.code

-- name: contacts_of_phone
-- Whose phone this is.
select account, contact
from contact_phones
where phone = $1
order by account, contact

-- name: opt_out
-- No more texts to this number ($1). One that is found late was said at $3, and may have been taken
-- back since; one that a webhook brings now ($2) always counts, whatever the clock showed before.
insert into phones as p (phone, opted_out_at, opted_out_since)
values ($1, coalesce($3::timestamptz, $2), coalesce($3::timestamptz, $2))
on conflict (phone) do update
set
    opted_out_at = greatest(p.opted_out_at, excluded.opted_out_at),
    opted_out_since = case
        when p.opted_out_at is null then excluded.opted_out_at
        else least(p.opted_out_since, p.opted_out_at, excluded.opted_out_at)
    end
where $3::timestamptz is null or p.opted_in_at is null or p.opted_in_at <= $3
returning phone

-- name: opt_in
-- Texts to this number again; it was said at $2 or later, at $3 the latest (null: just now).
-- A newer STOP stays.
insert into phones as p (phone, opted_in_at) values ($1, $2)
on conflict (phone) do update
set
    opted_out_at = case when p.opted_out_at > $3 then p.opted_out_at end,
    opted_out_since = case when p.opted_out_at > $3 then p.opted_out_at end,
    opted_in_at = greatest(p.opted_in_at, excluded.opted_in_at)
returning opted_out_at is null

-- name: note_opt_in
-- When the carrier had a START that was dealt with before.
update phones set opted_in_at = greatest(opted_in_at, $2) where phone = $1 and opted_out_at is null

-- name: count_useless
-- One more text in a row from this number ($1) that changes nothing, now ($2). The row is over when
-- the last one came before $3, or was counted by a clock that has been set back since.
insert into phones as p (phone, helps, helped_at) values ($1, 1, $2)
on conflict (phone) do update
set
    helps = case
        when p.helped_at between $3 and $2 + interval '1 minute' then least(p.helps + 1, $4)
        else 1
    end,
    helped_at = $2
returning helps

-- name: forget_useless
-- What the number has sent changed something.
update phones set helps = 0 where phone = $1 and helps > 0

-- name: inbound_answer
-- What a text was answered: null while somebody is at it, no row if it never came or long ago.
select answer from inbound_texts where sid = $1

-- name: claim_inbound
-- A text is dealt with once, for ever; one that nobody finished in half a minute is taken over, and
-- so is one that came before the clock was set back. Its name goes first: whoever has that has it.
with named as (
    insert into heard_of (name, first_at) values (name_of($1), $2)
    on conflict do nothing
    returning name
), taken as (
    insert into inbound_texts (sid, received_at)
    select $1, $2 from named
    on conflict do nothing
    returning sid
), taken_over as (
    update inbound_texts
    set received_at = $2
    where
        sid = $1 and answer is null
        and (received_at < $3 or received_at > $2 + interval '1 minute')
    returning sid
)
select sid from taken
union all
select sid from taken_over

-- name: forget_inbound
-- Texts whose webhooks will not be repeated any more, so many at a time; but not their names.
with forgotten as (
    delete from inbound_texts
    where sid in (select sid from inbound_texts where received_at < $1 limit $2)
    returning sid, received_at
)
insert into heard_of (name, first_at)
select name_of(sid), received_at from forgotten
on conflict do nothing

-- name: note_inbound
-- A text was dealt with; a repeat of its webhook gets the same answer.
insert into inbound_texts (sid, received_at, answer) values ($1, $2, $3)
on conflict (sid) do update set answer = coalesce(inbound_texts.answer, excluded.answer)
returning answer

-- name: claim_listing
-- Whose turn it is to list the texts to a number ($1), once until $3; from when on they are unread.
-- A turn that seems to last longer was taken before the clock was set back.
insert into numbers_listed as n (number, listed_until, next_at) values ($1, $2, $3)
on conflict (number) do update set next_at = excluded.next_at
where n.next_at <= $2 or n.next_at > $3
returning listed_until

-- name: keep_turn
-- The texts to a number are still being dealt with.
update numbers_listed set next_at = greatest(next_at, $2) where number = $1

-- name: read_until
-- Up to when the texts to that number of ours ($1) were read of which it is longest ago.
select min(listed_until) from numbers_listed where number = any($1::text[])

-- name: phones_known
-- Which of these phones belong to somebody, or were texted about a message.
select phone from contact_phones where phone = any($1::text[])
union
select phone from reply_codes where phone = any($1::text[])

-- name: note_listed
-- The texts to a number were read up to an instant.
update numbers_listed set listed_until = greatest(listed_until, $2) where number = $1

-- name: texts_seen
-- Which of these texts were dealt with, lately or long ago.
select s.sid
from unnest($1::text[]) as s (sid)
left join inbound_texts as t on t.sid = s.sid
where
    case
        when t.sid is null then exists (select 1 from heard_of as h where h.name = name_of(s.sid))
        else t.answer is not null
    end
