-- name: code_session
-- Who is coded for dispatch, or no longer is.
insert into sessions (name, coded, changed_at, changed_by, call_state)
values ($1, $2, $3, $4, $5)
on conflict (name) do update
set
    coded = excluded.coded, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
    call_state = excluded.call_state, break_at = null, verify_at = null
returning name, coded, changed_at, changed_by, call_state, break_at

-- name: is_coded
-- Whether somebody is coded for dispatch.
select coded from sessions where name = $1

-- name: session
-- Somebody's session.
select name, coded, changed_at, changed_by, call_state, break_at from sessions where name = $1

-- name: list_sessions
-- All sessions.
select name, coded, changed_at, changed_by, call_state, break_at from sessions order by name

-- name: lead_on_duty
-- A lead who is coded for dispatch: first whoever is there (in Disp and on no break), then who was
-- coded last.
select s.name
from sessions as s
where
    s.coded
    and exists (
        select 1 from tokens as t
        where t.name = s.name and t.role = 'lead' and t.revoked_at is null
    )
order by
    (s.call_state = 'DISP' and (s.break_at is null or s.break_at > $1)) desc, s.changed_at desc,
    s.name
limit 1

-- name: set_call_state
-- What somebody's phone does now; one of whom nothing is known is not coded.
insert into sessions (name, coded, changed_at, changed_by, call_state)
values ($1, false, $3, 'gateway', $2)
on conflict (name) do update set call_state = excluded.call_state
returning name, coded, changed_at, changed_by, call_state, break_at

-- name: claim_telling
-- People are told now of the needs up to $2 that nobody covers; only those sessions of which they were
-- not told by another process.
update sessions set told_seq = $2
where name = any($1::text[]) and told_seq < $2
returning name

-- name: set_break
-- When somebody takes a break.
insert into sessions (name, coded, changed_at, changed_by, break_at)
values ($1, false, $3, 'gateway', $2)
on conflict (name) do update set break_at = excluded.break_at
returning name, coded, changed_at, changed_by, call_state, break_at

-- name: ask_to_verify
-- Whether people are to be asked now ($2) about a session that nobody coded: not if they were since
-- $3, and only where people are coded at all.
insert into sessions (name, coded, changed_at, changed_by, verify_at)
select $1, false, $2, 'gateway', $2
where exists (
    select 1 from sessions where changed_by like 'wfm:%' or changed_by like 'lead:%'
)
on conflict (name) do update set verify_at = excluded.verify_at
where sessions.verify_at is null or sessions.verify_at <= $3
returning name

-- name: add_refusal
-- A deed that was refused.
insert into refusals (id, at, actor, deed, code, account, ucn, job)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: list_refusals
-- The newest deeds that were refused.
select id, at, actor, deed, code, account, ucn, job from refusals order by at desc, id limit $1

-- name: in_turn
-- Whoever leaves the floor does so alone until the commit.
select pg_advisory_xact_lock($1)
