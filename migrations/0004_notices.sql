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
