-- name: open_alert
-- These words to this sink are told by $4, unless they were told within the last while.
insert into alerts_told (sink, words_sha256, until, teller)
values ($1, $2, $3, $4)
on conflict (sink, words_sha256) do nothing
returning teller

-- name: lock_alert
-- Who told these words last, and who waits to tell of those since.
select until, teller, waiter, held, told, tries
from alerts_told
where sink = $1 and words_sha256 = $2
for update

-- name: keep_alert
-- How it stands now.
update alerts_told
set until = $3, teller = $4, waiter = $5, held = $6, told = $7, tries = $8
where sink = $1 and words_sha256 = $2

-- name: forget_alerts
-- What was told long ago.
delete from alerts_told where until < $1
