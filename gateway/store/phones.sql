-- name: restore_phone
-- A suspended number may be used again; why it was suspended, and nothing for any other number. An
-- opt-out from texts stays: that is its owner's.
with was as (
    select phone, suspended_for from phones where phone = $1 and suspended_at is not null for update
)

update phones as p
set suspended_at = null, suspended_for = null
from was
where p.phone = was.phone
returning coalesce(was.suspended_for, '') as reason

-- name: open_messages_of_accounts
-- The messages of these accounts that somebody has yet to hear.
select distinct account, month, ucn
from jobs
where account = any($1::text[]) and state not in ('completed', 'canceled', 'closed_leftover')
order by account, ucn
