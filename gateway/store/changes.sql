-- name: lock_messages
-- The messages of a batch, locked in UCN order, with what tells a stale plan from a fresh one.
select m.account, m.month, m.ucn, m.head_seq, a.version as document
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
left join accounts as a on a.account = m.account and a.deleted_at is null
order by m.ucn
for update of m

-- name: lock_jobs
-- The jobs of a batch, locked after their messages.
select id, version, fence
from jobs
where id = any($1::uuid[])
order by id
for update

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
-- Which of these phones are opted out of texts or suspended.
select phone, opted_out_at is not null as opted_out, suspended_at is not null as suspended
from phones
where phone = any($1::text[]) and (opted_out_at is not null or suspended_at is not null)

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
set next_at = $2, waits_for = null, version = version + 1
where waits_for = any($1::text[]) and next_at is not null

-- name: forget_codes
-- Codes of these phones that were closed a day ago may be given again.
delete from reply_codes
where phone = any($1::text[]) and closed_at <= $2

-- name: claim_codes
-- Give each phone its code for a message; one that is taken returns nothing.
insert into reply_codes (phone, code, account, month, ucn, contact, issued_at)
select c.phone, c.code, c.account, c.month, c.ucn, c.contact, $7
from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[])
    as c (phone, code, account, month, ucn, contact)
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

-- name: update_messages
-- New heads and states.
update messages as m
set
    state = c.state, evidence = c.evidence, delivered_to = c.delivered_to,
    delivered_at = c.delivered_at, sent = c.sent, head_seq = c.head_seq, head_hash = c.head_hash
from unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
    $8::boolean[], $9::integer[], $10::text[]
) as c (
    account, month, ucn, state, evidence, delivered_to, delivered_at, sent, head_seq, head_hash
)
where m.account = c.account and m.month = c.month and m.ucn = c.ucn

-- name: update_jobs
-- What the decision made of the jobs; the lease of the claim ends here.
update jobs as j
set
    state = c.state, due_at = c.due_at, next_at = c.next_at, cue_at = c.cue_at,
    reason = c.reason, waits_for = c.waits_for, owner = c.owner, target = c.target,
    active_seconds = c.active_seconds, round = c.round,
    version = j.version + 1, lease_owner = null, lease_until = null
from unnest(
    $1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::text[],
    $7::text[], $8::text[], $9::jsonb[], $10::integer[], $11::jsonb[]
) as c (
    id, state, due_at, next_at, cue_at, reason, waits_for, owner, target, active_seconds, round
)
where j.id = c.id

-- name: count_on
-- Something happened to an attempt of these jobs: whoever read them before must read anew.
update jobs set version = version + 1 where id = any($1::uuid[])

-- name: update_attempts
-- News of attempts; a SID or sender once known stays.
update attempts as a
set
    state = c.state, stage = c.stage, step = c.step, tries = c.tries, check_at = c.check_at,
    answered_at = c.answered_at, stage_at = c.stage_at, holds_until = c.holds_until,
    outcome = c.outcome, ended_at = c.ended_at, code = c.code, prefetches = c.prefetches,
    sender = coalesce(c.sender, a.sender), sid = coalesce(a.sid, c.sid)
from unnest(
    $1::uuid[], $2::text[], $3::date[], $4::text[], $5::uuid[], $6::integer[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::integer[],
    $15::integer[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
    $19::timestamptz[], $20::timestamptz[], $21::text[], $22::timestamptz[], $23::text[],
    $24::text[], $25::text[], $26::integer[]
) as c (
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage,
    step, tries, started_at, check_at, answered_at, stage_at, holds_until, outcome, ended_at,
    sender, sid, code, prefetches
)
where a.id = c.id

-- name: flag_phones
-- Opt-outs, opt-ins and suspensions.
insert into phones as p (phone, opted_out_at, suspended_at, suspended_for)
select f.phone, f.opted_out_at, f.suspended_at, f.suspended_for
from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])
    as f (phone, opted_out_at, suspended_at, suspended_for)
on conflict (phone) do update
set
    opted_out_at = coalesce(excluded.opted_out_at, p.opted_out_at),
    suspended_at = coalesce(excluded.suspended_at, p.suspended_at),
    suspended_for = coalesce(excluded.suspended_for, p.suspended_for)

-- name: wake
-- Tell every daemon that something is due (NOTIFY only re-arms their timers).
select pg_notify('dispatchd_due', '')
