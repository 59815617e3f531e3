-- name: hold_stranded
-- Claimed jobs ($1, by boot $2) whose messages are not there wait for a person from now ($3) on and
-- come back at $4 to say so again; without a message there is no history to write it in.
update jobs as j
set
    state = 'held', reason = 'message_missing', waits_for = null, owner = null, cue_at = null,
    due_at = case when j.state = 'held' then j.due_at else $3 end, next_at = $4,
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
    version = j.version + 1
where
    j.id = $1 and j.state not in ('completed', 'canceled', 'closed_leftover')
    and not exists (
        select 1 from messages as m
        where m.account = j.account and m.month = j.month and m.ucn = j.ucn
    )
returning j.*
