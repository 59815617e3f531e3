-- name: reserve_slots
-- The next $2 of sending in a lane are taken; from when on.
insert into senders as s (number, channel, free_at)
values ($3, 'notice', $1::timestamptz + $2::interval)
on conflict (number, channel) do update
set free_at = greatest(s.free_at, $1::timestamptz) + $2::interval
returning free_at - $2::interval as since
