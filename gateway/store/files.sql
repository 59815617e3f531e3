-- name: note_erased
-- These files are to go from every host that has them.
insert into erased_files (id, erased_at)
select f.id, $2 from unnest($1::uuid[]) as f (id)
on conflict (id) do update set erased_at = excluded.erased_at

-- name: erased_since
-- Which files were erased at an instant or later.
select id from erased_files where erased_at >= $1

-- name: forget_erased
-- Every host has looked since then.
delete from erased_files where erased_at < $1

-- name: listed_files
-- The files of every field job and case.
select (f.file ->> 'id')::uuid as id
from matters as m
cross join lateral jsonb_array_elements(
    coalesce(m.facts -> 'photos', '[]') || coalesce(m.facts #> '{work,documents}', '[]')
) as f (file)
where m.kind in ('case', 'fieldjob')
