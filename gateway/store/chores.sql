-- name: expect_chore
-- It is to be done every so often from now on; one that never is, is late from now.
insert into chores as c (kind, place, tried_at, every) values ($1, $2, $3, $4)
on conflict (kind, place) do update set every = excluded.every
where c.every is distinct from excluded.every

-- name: note_chore
-- It was tried; how often it is to be done stays as it was.
insert into chores as c (kind, place, tried_at, well, well_at, seconds)
values (
    $1, $2, $3::timestamptz, $4::boolean, case when $4::boolean then $3::timestamptz end, $5
)
on conflict (kind, place) do update
set
    tried_at = excluded.tried_at, well = excluded.well,
    well_at = coalesce(excluded.well_at, c.well_at),
    seconds = coalesce(excluded.seconds, c.seconds)

-- name: load_chores
-- All there are: one for each host that makes backups, and two for each phone that is tested.
select kind, place, tried_at, well, well_at, seconds, every
from chores
order by kind, place

-- name: forget_chores
-- Nobody counts on them any more: those of a kind, or of a place.
delete from chores where kind = $1 or place = $1 returning kind

-- name: in_use_since
-- When the first document was put in force.
select min(created_at) from account_versions
