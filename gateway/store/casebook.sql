-- name: newest_casebook
-- The casebook in force.
select version, document, put_at, put_by
from casebooks
order by version desc
limit 1

-- name: put_casebook
-- The next version, $1, unless somebody put another since the one before it was read.
insert into casebooks (version, document, put_at, put_by)
select $1::integer, $2::jsonb, $3::timestamptz, $4::text
where $1 = 1 + coalesce((select max(version) from casebooks), 0)
on conflict (version) do nothing
returning version
