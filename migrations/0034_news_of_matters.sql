-- An owner is found by name, with their role or without. First of all: an older daemon locks matters before needs.
update matters
set owner = regexp_replace(owner, '^(agent|dispatcher|lead|wfm|account_manager|technician|brand|admin):(?=.)', '')
where owner like '%:%';

-- Sessions are told of matters in one stream with what needs a person: who else than those who see all of them sees
-- one (such as `technician:T-1`), and who saw it until now. Both are null for what needs a person.
-- Fits nothing older: an older program would tell field jobs as what needs a person.
alter table needs add column seen_by text[];
alter table needs add column lost_by text[];

-- Registered ids compare as the cases about them do, in capitals or small letters: of two that were taken for
-- different ones the newer stays.
delete from contracts as c
using contracts as d
where lower(c.contract) = lower(d.contract) and (c.changed_at, c.contract) < (d.changed_at, d.contract);
delete from organizations as o
using organizations as p
where
    lower(o.organization) = lower(p.organization)
    and (o.changed_at, o.organization) < (p.changed_at, p.organization);
create unique index contracts_alike on contracts (lower(contract));
create unique index organizations_alike on organizations (lower(organization));
drop index contracts_of_homeowner;
create index contracts_of_homeowner on contracts (lower(homeowner), contract) where homeowner is not null;
