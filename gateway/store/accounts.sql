-- name: make_room
-- A row for every account, so that there is one to lock.
insert into accounts (account, name, version)
select k.account, '', 0
from unnest($1::text[]) as k (account)
order by k.account
on conflict (account) do nothing

-- name: lock_accounts
-- The accounts of a load, locked in order, with the document in force.
select a.account, a.version, a.deleted_at is not null as deleted, v.document
from accounts as a
left join account_versions as v on v.account = a.account and v.version = a.version
where a.account = any($1::text[])
order by a.account
for update of a

-- name: contacts_gone
-- Whom deactivated people are in the documents.
select distinct c.contact from users as u, unnest(u.contacts) as c (contact) where not u.active

-- name: update_accounts
-- Put new versions in force.
update accounts as a
set name = c.name, version = c.version, deleted_at = null
from unnest($1::text[], $2::text[], $3::integer[]) as c (account, name, version)
where a.account = c.account

-- name: insert_versions
-- Documents are never changed, only followed by others.
insert into account_versions (account, version, document, created_at, created_by)
select c.account, c.version, c.document, $4, $5
from unnest($1::text[], $2::integer[], $3::jsonb[]) as c (account, version, document)

-- name: note_permanent
-- Whoever changes a permanent list is on record with the account, and the list as it was and as it is.
insert into account_items (account, at, actor, kind, outcome, text, data)
select
    n.account, $3, $4, 'permanent.changed', 'success', 'The permanent list is changed.',
    jsonb_build_object('version', n.version, 'was', was.people, 'now', now_.people)
from unnest($1::text[], $2::integer[]) as c (account, version)
join account_versions as n on n.account = c.account and n.version = c.version
join account_versions as w on w.account = c.account and w.version = c.version - 1
cross join lateral (
    select coalesce(string_agg(p.one ->> 'contact', ', ' order by p.place), 'nobody') as people
    from jsonb_array_elements(w.document -> 'permanent') with ordinality as p (one, place)
) as was
cross join lateral (
    select coalesce(string_agg(p.one ->> 'contact', ', ' order by p.place), 'nobody') as people
    from jsonb_array_elements(n.document -> 'permanent') with ordinality as p (one, place)
) as now_
where n.document -> 'permanent' is distinct from w.document -> 'permanent'

-- name: forget_phones
-- The phones of these accounts' earlier versions.
delete from contact_phones where account = any($1::text[])

-- name: insert_phones
-- Every number under which a contact can be met.
insert into contact_phones (account, phone, contact)
select c.account, c.phone, c.contact
from unnest($1::text[], $2::text[], $3::text[]) as c (account, phone, contact)
on conflict do nothing

-- name: look_at_held
-- Jobs of these accounts that a special holds are due for a look: their documents' specials changed.
-- Their version counts on, or a decision made before would write them back to sleep.
with held as (
    select id from jobs
    where
        account = any($1::text[]) and state = 'held' and reason = 'special' and next_at > $2
    order by id
    for update
),

woken as (
    update jobs as j
    set next_at = $2, awaits = null, awaits_at = null, version = j.version + 1
    from held
    where j.id = held.id
    returning j.id
)

select pg_notify('dispatchd_due', extract(epoch from $2::timestamptz)::text) from woken limit 1

-- name: documents_in_force
-- The documents of these accounts, or of all.
select a.account, a.version, v.document
from accounts as a
join account_versions as v on v.account = a.account and v.version = a.version
where a.deleted_at is null and ($1::text[] is null or a.account = any($1::text[]))
order by a.account

-- name: list_accounts
-- What accounts there are.
select account, name, version
from accounts
where deleted_at is null and version > 0
order by account

-- name: contacts_of_phone
-- Whose number this is; accounts that are gone know nobody.
select p.account, p.contact
from contact_phones as p
join accounts as a on a.account = p.account and a.deleted_at is null
where p.phone = $1
order by p.account, p.contact

-- name: version_in_force
-- The version of an account's document that holds now.
select version from accounts where account = $1 and deleted_at is null and version > 0

-- name: flags_of_account
-- Phones of an account's people that are opted out or suspended.
select distinct
    p.phone, p.opted_out_at is not null as opted_out, p.suspended_at is not null as suspended,
    coalesce(p.suspended_for, '') as reason
from phones as p
join contact_phones as c on c.phone = p.phone
where c.account = $1 and (p.opted_out_at is not null or p.suspended_at is not null)

-- name: calls_to
-- When these phones were called, after $2 and until $3; what never reached the carrier was no call.
select address, started_at, ended_at, coalesce(outcome = 'accepted', false) as accepted
from attempts
where
    begun >= date_trunc('month', $2::timestamptz)::date
    and address = any($1::text[]) and method = 'call' and started_at > $2 and started_at <= $3
    and (rides is null or rides = id) and (sid is not null or outcome is null)
order by started_at

-- name: take_time
-- Within this transaction the server waits for us as long as it takes to check thousands of documents.
select set_config('idle_in_transaction_session_timeout', '0', true)
