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

-- Notices: what a person is told about their shifts, by text or e-mail; it belongs to no message. Each is on the wire
-- once at most: `intended` is committed before the request, and never sent again.
create table notices (
    id uuid primary key,
    account text not null,
    contact text not null,
    kind text not null,
    schedule text not null,
    at timestamptz not null,
    until timestamptz not null,
    subject text not null,
    words text not null,
    state text not null,
    method text,
    sender text,
    sid text,
    reason text
);
create index notices_of_account on notices (account, at);
