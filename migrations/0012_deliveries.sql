-- Deliveries: what a client is sent besides the dispatch, by e-mail or as a web post. Each has a duty that sends it;
-- `intended` is committed before the wire is touched. Without a UCN it is a digest of what came from since to until.
create table deliveries (
    id uuid primary key,
    account text not null,
    month date not null,
    ucn text not null,
    name text not null,
    kind text not null,
    occasion text not null,
    state text not null,
    created_at timestamptz not null,
    version integer not null default 0,
    tries integer not null default 0,
    streak integer not null default 0,
    words integer,
    reason text,
    status integer,
    since timestamptz,
    until timestamptz
) with (fillfactor = 80);
create index deliveries_of_account on deliveries (account, created_at);
-- what people look for: web posts that wait for them
create index deliveries_for_people on deliveries (created_at)
where state in ('blocked', 'failed', 'unsure') and kind in ('claim', 'lead');

-- Alerts told lately: the same words to the same sink are told once a minute. Who tells them now, who tells after that
-- minute how many more there were, and how many those are so far.
create table alerts_told (
    sink text not null,
    words_sha256 bytea not null,
    until timestamptz not null,
    teller uuid not null,
    waiter uuid,
    held integer not null default 0,
    told integer not null default 0,
    tries integer not null default 1,
    primary key (sink, words_sha256)
);
create index alerts_told_until on alerts_told (until);
