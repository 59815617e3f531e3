-- name: keep_recordings
-- Where the calls were recorded on which these messages were taken.
insert into recordings (account, month, ucn, url)
select k.account, k.month, k.ucn, k.url
from unnest($1::text[], $2::date[], $3::text[], $4::text[]) as k (account, month, ucn, url)

-- name: recording_of
-- The recording of one message's call.
select url from recordings
where account = $1 and month = $2 and ucn = $3
