-- name: put_organization
-- An organization, new or changed.
insert into organizations (organization, names, document, changed_at, changed_by)
values ($1, $2, $3, $4, $5)
on conflict (lower(organization)) do update
set
    organization = excluded.organization, names = excluded.names, document = excluded.document,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: organization_by_name
-- The organization of that key ($1); else one whose key or name compares alike ($2).
select document
from organizations
where names @> array[$2::text]
order by (lower(organization) = lower($1::text)) desc, organization
limit 1

-- name: put_contract
-- A contract, new or changed; its id is the same in capitals and in small letters.
insert into contracts (contract, state, homeowner, organization, changed_at, changed_by)
values ($1, $2, $3, $4, $5, $6)
on conflict (lower(contract)) do update
set
    contract = excluded.contract, state = excluded.state, homeowner = excluded.homeowner, organization = excluded.organization,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: contract_by_id
-- A contract.
select contract, state, homeowner, organization
from contracts
where lower(contract) = lower(btrim($1))

-- name: contracts_of_homeowner
-- A homeowner's contracts.
select contract, state, homeowner, organization
from contracts
where lower(homeowner) = lower(btrim($1))
order by contract
limit 1000
