-- clock measurement: this file alone reads the server's clock, to steer ours by it.

-- name: read_clock
-- The server's present instant.
select clock_timestamp() as at
