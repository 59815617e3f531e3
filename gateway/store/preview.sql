-- name: flags_of_phones
-- Which of these phones are opted out or suspended.
select
    p.phone, p.opted_out_at is not null as opted_out, p.suspended_at is not null as suspended,
    coalesce(p.suspended_for, '') as reason
from phones as p
where p.phone = any($1::text[]) and (p.opted_out_at is not null or p.suspended_at is not null)
