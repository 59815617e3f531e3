-- name: hold_stranded
-- Claimed jobs ($1, by boot $2) whose messages are not there wait for a person from now ($3) on and
-- come back at $4 to say so again; without a message there is no history to write it in. What waits
-- for a person already goes on waiting for that, and a lead's claim past the limit lapses.
update jobs as j
set
    state = case
        when j.state in ('held', 'limit_reached', 'parked') then j.state
        when j.state = 'claimed' and j.reason = 'limit_reached' then 'limit_reached'
        else 'held'
    end,
    reason = case
        when j.state in ('held', 'limit_reached', 'parked') then j.reason
        when j.state = 'claimed' and j.reason = 'limit_reached' then j.reason
        else 'message_missing'
    end,
    waits_for = null, owner = null,
    cue_at = case when j.state in ('held', 'limit_reached', 'parked') then j.cue_at end,
    due_at = case when j.state in ('held', 'limit_reached', 'parked') then j.due_at else $3 end,
    next_at = $4, awaits = null, awaits_at = null,
    version = j.version + 1, lease_owner = null, lease_until = null
where
    j.id = any($1::uuid[]) and j.lease_owner = $2
    and j.state not in ('completed', 'canceled', 'closed_leftover')
returning j.id

-- name: cancel_stranded
-- A lead ends a job whose message is not there.
update jobs as j
set
    state = 'canceled', next_at = null, due_at = null, cue_at = null, waits_for = null, owner = null,
    awaits = null, awaits_at = null, version = j.version + 1
where
    j.id = $1 and j.state not in ('completed', 'canceled', 'closed_leftover')
    and not exists (
        select 1 from messages as m
        where m.account = j.account and m.month = j.month and m.ucn = j.ucn
    )
returning j.*
