-- name: lock_messages
-- Lock the messages of a batch in UCN order; the places (from 1) of those that are as they were
-- read, which the others are not locked for.
select k.place
from unnest($1::message_read[])
    with ordinality as k (account, month, ucn, head_seq, document, place)
join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
where
    m.head_seq = k.head_seq
    and (
        k.document is null or k.document = 0
        or k.document = (
            select a.version from accounts as a
            where a.account = m.account and a.deleted_at is null
        )
    )
order by m.ucn
for update of m

-- name: lock_jobs
-- Lock the jobs of a batch after their messages; the places of the changes whose job is as read,
-- once for each such job.
select k.place
from unnest($1::job_read[]) as k
join jobs as j on j.id = k.id
where j.version = k.version and j.fence = k.fence
order by j.id
for update of j

-- name: lock_jobs_and_waiting
-- The same, with the jobs that wait for the phones of these attempts: they are about to be woken,
-- and all jobs are locked before any phone.
select id, version, fence
from jobs
where
    id = any(
        array(
            select unnest($1::uuid[])
            union
            select j.id
            from open_calls as o
            join jobs as j on j.waits_for = o.phone
            where o.attempt = any($2::uuid[]) and j.waits_for is not null
        )
    )
order by id
for update

-- name: flagged_phones
-- Which of these phones ($1, parted by spaces) are opted out of texts or suspended.
select phone, opted_out_at is not null as opted_out, suspended_at is not null as suspended
from phones
where phone = any(string_to_array($1, ' ')) and (opted_out_at is not null or suspended_at is not null)

-- name: claim_phones
-- Open one call per phone; a phone whose call is past its limits counts as free.
insert into open_calls as o (phone, attempt, expires_at)
select c.phone, c.attempt, c.expires_at
from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as c (phone, attempt, expires_at)
order by c.phone
on conflict (phone) do update
set attempt = excluded.attempt, expires_at = excluded.expires_at
where o.expires_at <= $4 or o.attempt = excluded.attempt
returning o.phone

-- name: taken_phones
-- Until when these phones are taken at the latest; locked so that none is freed meanwhile.
select phone, expires_at
from open_calls
where phone = any($1::text[]) and expires_at > $2
order by phone
for share

-- name: free_phones
-- The calls of these attempts are over.
delete from open_calls
where attempt = any($1::uuid[])
returning phone

-- name: wake_waiting
-- Jobs that waited for one of these phones are due now.
-- Their version counts on, or a decision made before would write them back to sleep.
update jobs
set next_at = $2, waits_for = null, awaits = null, awaits_at = null, version = version + 1
where waits_for = any($1::text[]) and next_at is not null

-- name: forget_codes
-- Codes of these phones that were closed a day ago may be given again.
delete from reply_codes
where phone = any($1::text[]) and closed_at <= $2

-- name: claim_codes
-- Give each phone its code for a message; one that is taken returns nothing.
insert into reply_codes (phone, code, account, month, ucn, contact, issued_at)
select c.phone, c.code, c.account, c.month, c.ucn, c.contact, to_timestamp(c.issued_at)
from unnest($1::code_row[]) as c
order by c.phone, c.code
on conflict do nothing
returning phone, code, ucn

-- name: close_codes
-- The messages are closed: their codes are good for a late reply only.
update reply_codes
set closed_at = $2
where ucn = any($1::text[]) and closed_at is null

-- name: claim_blank_days
-- One alert per account and local day.
insert into blank_days (account, day)
select c.account, c.day
from unnest($1::text[], $2::date[]) as c (account, day)
order by c.account, c.day
on conflict do nothing
returning account, day

-- name: drop_phones
-- Give back phones claimed for changes that were refused for another reason.
delete from open_calls where attempt = any($1::uuid[])

-- name: drop_codes
-- Give back codes claimed for changes that were refused for another reason.
delete from reply_codes as r
using unnest($1::text[], $2::text[], $3::text[]) as c (phone, code, ucn)
where r.phone = c.phone and r.code = c.code and r.ucn = c.ucn

-- name: drop_blank_days
-- Give back days claimed for changes that were refused for another reason.
delete from blank_days as b
using unnest($1::text[], $2::date[]) as c (account, day)
where b.account = c.account and b.day = c.day

-- name: lock_senders
-- When each sending number of a channel may be used next.
select number, channel, free_at
from senders
where channel = any($1::text[])
order by channel, number
for update

-- name: add_senders
-- Numbers that were never used, so that there is a row to lock.
insert into senders (number, channel, free_at)
select s.number, s.channel, $3
from unnest($1::text[], $2::text[]) as s (number, channel)
order by s.channel, s.number
on conflict (number, channel) do nothing

-- name: spend_senders
-- Take the tokens.
insert into senders (number, channel, free_at)
select s.number, s.channel, s.free_at
from unnest($1::text[], $2::text[], $3::timestamptz[]) as s (number, channel, free_at)
on conflict (number, channel) do update set free_at = excluded.free_at

-- name: write_changes
-- What nearly every decision writes, in one statement and all or nothing: new heads and states of
-- messages ($1), the items that lead there (their texts in $2), what was made of the jobs ($3; the
-- lease of the claim ends here), attempts begun ($4), news of attempts begun before ($5; in the months
-- $6 to $7; a SID or sender once known stays; for the limit see `note_placed`), and what those begun
-- must have to themselves: phones ($8), reply codes ($9), blank days ($10, $11); of the phones reached
-- ($12, parted by spaces) none may be suspended, of those texted ($13) none opted out. Messages, jobs
-- and claims are locked in the order in which they stand here, attempts by themselves. It ends with an
-- error when a message, a job or the document in force is not as it was read, or something is taken.
-- $14: what to tell the daemons, null for nothing (see wake.py); $15: the documents were compared
-- before.
with told as (
    select * from unnest($1::told_row[])
    order by ucn
),

headed as (
    update messages as m
    set
        state = t.state, evidence = t.evidence, delivered_to = t.delivered_to,
        delivered_at = to_timestamp(t.delivered_at), sent = t.sent, head_seq = t.head_seq,
        head_hash = t.head_hash
    from told as t
    where
        m.account = t.account and m.month = t.month and m.ucn = t.ucn and m.head_seq = t.read_seq
        and (
            $15::boolean or t.document is null or t.document = 0
            or t.document = (
                select a.version from accounts as a
                where a.account = t.account and a.deleted_at is null
            )
        )
    returning 1
),

as_read as (
    select count(*) = cardinality($1::told_row[]) as fine from headed
),

chained as (
    insert into history (account, month, ucn, seq, at, kind, item, hash)
    select
        t.account, t.month, t.ucn, t.first_seq, to_timestamp(t.at), t.kinds,
        convert_from(substring($2::bytea from t.items_from for t.items_bytes), 'UTF8'), t.hashes
    from told as t
    where (select fine from as_read) and t.items_from is not null
),

moved as (
    update jobs as j
    set
        state = c.state, due_at = to_timestamp(c.due_at), next_at = to_timestamp(c.next_at),
        cue_at = to_timestamp(c.cue_at), reason = c.reason, waits_for = c.waits_for,
        owner = c.owner, target = c.target, active_seconds = c.active_seconds, round = c.round,
        version = j.version + 1, lease_owner = null, lease_until = null,
        -- Who waits for a number goes on waiting while nothing else is to come of it.
        awaits = case when j.next_at = to_timestamp(c.next_at) then j.awaits end,
        awaits_at = case when j.next_at = to_timestamp(c.next_at) then j.awaits_at end
    from (
        select * from unnest($3::job_row[])
        order by id
    ) as c
    where
        (select fine from as_read)
        and j.id = c.id and j.version = c.version and j.fence = c.fence
    returning 1
),

begun as (
    insert into attempts (
        id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage,
        step, tries, started_at, check_at, answered_at, stage_at, holds_until, outcome, ended_at,
        sender, sid, code, prefetches, begun
    )
    select
        c.id, c.account, c.month, c.ucn, c.job, c.round, c.slot, c.contact, c.address, c.method,
        c.source, c.state, c.stage, c.step, c.tries, to_timestamp(c.started_at),
        to_timestamp(c.check_at), to_timestamp(c.answered_at), to_timestamp(c.stage_at),
        to_timestamp(c.holds_until), c.outcome, to_timestamp(c.ended_at), c.sender, c.sid, c.code,
        c.prefetches, c.begun
    from unnest($4::attempt_row[]) as c
    where (select fine from as_read)
),

heard as (
    update attempts as a
    set
        state = c.state, stage = c.stage, step = c.step, tries = c.tries,
        check_at = to_timestamp(c.check_at), answered_at = to_timestamp(c.answered_at),
        stage_at = to_timestamp(c.stage_at), holds_until = to_timestamp(c.holds_until),
        outcome = c.outcome, ended_at = to_timestamp(c.ended_at), code = c.code,
        prefetches = c.prefetches, sender = coalesce(c.sender, a.sender),
        sid = coalesce(a.sid, c.sid)
    from (
        select * from unnest($5::attempt_row[])
        order by id
        limit cardinality($5)
    ) as c
    where
        (select fine from as_read)
        and a.id = c.id and a.begun between date($6::timestamptz) and date($7::timestamptz)
),

called as (
    insert into open_calls (phone, attempt, expires_at)
    select c.phone, c.attempt, to_timestamp(c.expires_at)
    from unnest($8::call_row[]) as c
    order by c.phone
    on conflict do nothing
    returning 1
),

coded as (
    insert into reply_codes (phone, code, account, month, ucn, contact, issued_at)
    select c.phone, c.code, c.account, c.month, c.ucn, c.contact, to_timestamp(c.issued_at)
    from unnest($9::code_row[]) as c
    order by c.phone, c.code
    on conflict do nothing
    returning 1
),

alerted as (
    insert into blank_days (account, day)
    select c.account, c.day
    from unnest($10::text[], $11::date[]) as c (account, day)
    order by c.account, c.day
    on conflict do nothing
    returning 1
)

select
    case
        when
            (select fine from as_read)
            and (select count(*) from moved) = cardinality($3::job_row[])
            and (select count(*) from called) = cardinality($8::call_row[])
            and (select count(*) from coded) = cardinality($9::code_row[])
            and (select count(*) from alerted) = cardinality($10::text[])
            and not exists (
                select 1 from phones as p
                where
                    p.phone = any(string_to_array($12, ' '))
                    and (p.opted_out_at is not null or p.suspended_at is not null)
                    and (p.suspended_at is not null or p.phone = any(string_to_array($13, ' ')))
            )
            then case when $14::text is not null then pg_notify('dispatchd_due', $14) end
        else give_up()
    end as written

-- name: count_on
-- Something happened to an attempt of these jobs: whoever read them before must read anew.
update jobs set version = version + 1 where id = any($1::uuid[])

-- name: set_rides
-- With whose attempt these go along from now on, null for alone; begun in the months $3 to $4. For the
-- limit see `note_placed`.
update attempts as a
set rides = c.rides
from (select * from unnest($1::uuid[], $2::uuid[]) limit cardinality($1)) as c (id, rides)
where a.id = c.id and a.begun between date($3::timestamptz) and date($4::timestamptz)

-- name: flag_phones
-- Opt-outs and suspensions; when a STOP was said is known since it came.
insert into phones as p (phone, opted_out_at, suspended_at, suspended_for)
select f.phone, f.opted_out_at, f.suspended_at, f.suspended_for
from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])
    as f (phone, opted_out_at, suspended_at, suspended_for)
on conflict (phone) do update
set
    opted_out_at = coalesce(p.opted_out_at, excluded.opted_out_at),
    suspended_at = coalesce(excluded.suspended_at, p.suspended_at),
    suspended_for = coalesce(excluded.suspended_for, p.suspended_for)

-- name: set_aside
-- What people have set aside of these messages now.
insert into asides (account, month, ucn, aside)
select c.account, c.month, c.ucn, c.aside
from unnest($1::text[], $2::date[], $3::text[], $4::jsonb[]) as c (account, month, ucn, aside)
on conflict (account, month, ucn) do update set aside = excluded.aside

-- name: edit_messages
-- Messages whose details were corrected, and the form they are on now.
with edited as (
    select *
    from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::jsonb[])
        as c (account, month, ucn, form, content)
),

worded as (
    update message_words as w
    set content = e.content
    from edited as e
    where w.account = e.account and w.month = e.month and w.ucn = e.ucn
)

update messages as m
set form = e.form
from edited as e
where m.account = e.account and m.month = e.month and m.ucn = e.ucn

-- name: wake
-- Tell every daemon since when something is due (see wake.py).
select pg_notify('dispatchd_due', $1)
