-- Feeds: how each schedule's feed stands, and its last good copy; what it gave stands in the document.
create table feeds (
    account text not null,
    schedule text not null,
    source text not null,
    tried_at timestamptz not null,
    read_at timestamptz,
    etag text,
    modified text,
    body bytea,
    digest text not null,
    failures integer not null,
    failing_since timestamptz,
    fault text,
    told_at timestamptz,
    strangers jsonb not null,
    primary key (account, schedule)
);

-- Calendars: secret addresses at which a schedule or a person's shifts are published; known by fingerprint only.
create table calendars (
    id uuid primary key,
    account text not null,
    schedule text,
    contact text,
    fingerprint text not null,
    created_at timestamptz not null,
    created_by text not null,
    revoked_at timestamptz
);
create index calendars_of_account on calendars (account);
create index calendars_by_fingerprint on calendars (fingerprint);
