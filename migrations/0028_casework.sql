-- Casework: what an operator decides about cases, and the registers that cases are looked up by. They belong to the
-- house, not to one account. Each version of the casebook stays, so that it can be seen who changed what.
-- Fits nothing older: an older program would write cases back without what people did with them.
create table casebooks (
    version integer primary key,
    document jsonb not null,
    put_at timestamptz not null,
    put_by text not null
);

-- `names`: the organization's key and name as they are compared.
create table organizations (
    organization text primary key,
    names text[] not null,
    document jsonb not null,
    changed_at timestamptz not null,
    changed_by text not null
);
create index organizations_by_name on organizations using gin (names);

create table contracts (
    contract text primary key,
    state text not null,
    homeowner text,
    organization text,
    changed_at timestamptz not null,
    changed_by text not null
);
create index contracts_of_homeowner on contracts (homeowner, contract) where homeowner is not null;

-- For the report of cases that nobody has reviewed for long.
create index matters_open_cases on matters (opened_at, id) where kind = 'case' and state <> 'closed';
