-- Duties: what an account needs again and again. One row a duty; its id is made of account, kind and key, so that
-- arming twice is arming once. `memory` is what one turn tells the next.
create table duties (
    id uuid primary key,
    account text not null,
    kind text not null,
    key text not null,
    next_at timestamptz not null,
    memory jsonb not null default '{}',
    tries integer not null default 0,
    fence bigint not null default 0,
    lease_until timestamptz
) with (fillfactor = 80);
create index duties_due on duties (next_at, id);
create index duties_leased on duties (lease_until) where lease_until is not null;
create index duties_of_account on duties (account);
