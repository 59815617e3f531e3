-- name: put_place
-- Where a technician is.
insert into places (technician, latitude, longitude, at) values ($1, $2, $3, $4)
on conflict (technician) do update
set latitude = excluded.latitude, longitude = excluded.longitude, at = excluded.at

-- name: forget_place
-- A technician wants it known no more.
delete from places where technician = $1

-- name: places_of
-- Where technicians were last.
select technician, latitude, longitude, at from places where technician = any($1::text[])
