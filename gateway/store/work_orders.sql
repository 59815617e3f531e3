-- name: phones_of_technicians
-- Where technicians ($1) are texted: as the people of the documents whom they are said to be, else as
-- the contact of that name of their job's account ($2, null: none).
with named as (
    select u.name, split_part(c.contact, ':', 1) as account, split_part(c.contact, ':', 2) as contact, 1 as place
    from users as u, unnest(u.contacts) as c (contact)
    where u.name = any($1::text[])
    union all
    select j.name, j.account, j.name, 2
    from unnest($1::text[], $2::text[]) as j (name, account)
)

select distinct on (n.name) n.name, coalesce(p.contact ->> 'sms', p.contact ->> 'phone') as phone
from named as n
join accounts as a on a.account = n.account and a.deleted_at is null
join account_versions as v on v.account = a.account and v.version = a.version
cross join lateral (select v.document -> 'contacts' -> n.contact as contact) as p
where
    coalesce(p.contact ->> 'sms', p.contact ->> 'phone') is not null
    and coalesce((p.contact ->> 'active')::boolean, true)
order by n.name, n.place, n.account
