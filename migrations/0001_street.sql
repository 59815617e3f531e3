-- The street: accounts, messages, jobs, attempts, history, and what belongs to no tenant.
-- Every tenant-owned row carries the account and the month in which its message was taken (the later partition key);
-- its unique keys start with the account or are a uuid, so that the schema can be distributed by account.

-- accounts -----------------------------------------------------------------------------------------------------------
create table accounts (
    account text primary key,
    name text not null,
    version integer not null,
    deleted_at timestamptz
);

create table account_versions (
    account text not null,
    version integer not null,
    document jsonb not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (account, version)
);

create table contact_phones (
    account text not null,
    phone text not null,
    contact text not null,
    primary key (account, phone, contact)
);
create index contact_phones_by_phone on contact_phones (phone);

create table blank_days (
    account text not null,
    day date not null,
    primary key (account, day)
);

-- messages: the row is the lock and the head of the history chain ---------------------------------------------------
create table ucns (
    ucn text primary key,
    account text not null,
    month date not null
);
create sequence ucn_numbers start with 50000001;

create table messages (
    account text not null,
    month date not null,
    ucn text not null,
    priority smallint not null,
    form text,
    taken_by text not null,
    taken_at timestamptz not null,
    state text not null,
    evidence text,
    delivered_to text,
    delivered_at timestamptz,
    sent boolean not null default false,
    head_seq integer not null,
    head_hash text not null,
    primary key (account, month, ucn)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index messages_recent on messages (account, taken_at desc);

create table message_words (
    account text not null,
    month date not null,
    ucn text not null,
    content jsonb not null,
    primary key (account, month, ucn)
);

-- jobs: claimable whenever next_at is not null, whatever the state --------------------------------------------------
create table jobs (
    id uuid primary key,
    account text not null,
    month date not null,
    ucn text not null,
    priority smallint not null,
    source text not null,
    state text not null,
    created_at timestamptz not null,
    due_at timestamptz,
    next_at timestamptz,
    cue_at timestamptz,
    reason text,
    waits_for text,
    owner text,
    target jsonb,
    active_seconds integer not null default 0,
    round jsonb,
    version bigint not null default 0,
    fence bigint not null default 0,
    lease_owner bigint,
    lease_until timestamptz
) with (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_threshold = 500
);
create index jobs_due_emergency on jobs (next_at, id) where next_at is not null and priority = 0;
create index jobs_due_urgent on jobs (next_at, id) where next_at is not null and priority = 1;
create index jobs_due_routine on jobs (next_at, id) where next_at is not null and priority = 2;
create index jobs_of_message on jobs (account, month, ucn);
create index jobs_waiting_for_phone on jobs (waits_for) where waits_for is not null;
create index jobs_open on jobs (account, due_at)
where state not in ('completed', 'canceled', 'closed_leftover');

create table attempts (
    id uuid primary key,
    account text not null,
    month date not null,
    ucn text not null,
    job uuid not null,
    round integer not null,
    slot text not null,
    contact text not null,
    address text not null,
    method text not null,
    source text not null,
    state text not null,
    stage text not null,
    step integer not null,
    tries integer not null,
    started_at timestamptz not null,
    check_at timestamptz not null,
    answered_at timestamptz,
    stage_at timestamptz,
    holds_until timestamptz,
    outcome text,
    ended_at timestamptz,
    sender text,
    sid text,
    code text,
    prefetches integer not null default 0
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index attempts_of_message on attempts (account, month, ucn);
create index attempts_silent on attempts (check_at) where state = 'intended';
create index attempts_called on attempts (address, started_at) where method = 'call';
create index attempts_by_sid on attempts (sid) where sid is not null;

-- history: the exact hashed text is what is stored; details stand apart and can be erased ---------------------------
create table history (
    account text not null,
    month date not null,
    ucn text not null,
    seq integer not null,
    at timestamptz not null,
    kind text not null,
    item text not null,
    hash text not null,
    primary key (account, month, ucn, seq)
);
create function history_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'history is append-only';
end
$$;
create trigger history_is_append_only before update or truncate on history
for each statement execute function history_is_append_only();

create table history_words (
    account text not null,
    month date not null,
    ucn text not null,
    seq integer not null,
    salt text not null,
    words text not null,
    primary key (account, month, ucn, seq)
);

-- errands: what an event asks of the wire, due at once, performed by the daemon --------------------------------------
create table errands (
    id uuid primary key,
    account text,
    month date,
    ucn text,
    job uuid,
    attempt uuid,
    kind text not null,
    payload jsonb not null,
    next_at timestamptz not null,
    tries integer not null default 0,
    lease_until timestamptz
);
create index errands_due on errands (next_at, id);

-- what belongs to no tenant: phones, codes, links, sending numbers, tokens ------------------------------------------
create table phones (
    phone text primary key,
    opted_out_at timestamptz,
    suspended_at timestamptz,
    suspended_for text,
    helps integer not null default 0
);
create index phones_flagged on phones (phone) where opted_out_at is not null or suspended_at is not null;

create table open_calls (
    phone text primary key,
    attempt uuid not null,
    expires_at timestamptz not null
);

create index open_calls_of_attempt on open_calls (attempt);

create table reply_codes (
    phone text not null,
    code text not null,
    account text not null,
    month date not null,
    ucn text not null,
    contact text not null,
    issued_at timestamptz not null,
    closed_at timestamptz,
    primary key (phone, code),
    unique (phone, ucn)
);
create index reply_codes_of_message on reply_codes (ucn);

create table links (
    fingerprint text primary key,
    account text not null,
    month date not null,
    ucn text not null,
    attempt uuid not null,
    contact text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    opened_at timestamptz
);
create index links_of_message on links (account, month, ucn);

create table link_nonces (
    fingerprint text not null,
    nonce text not null,
    created_at timestamptz not null,
    primary key (fingerprint, nonce)
);

create table inbound_texts (
    sid text primary key,
    received_at timestamptz not null,
    answer text
);

create table senders (
    number text not null,
    channel text not null,
    free_at timestamptz not null,
    primary key (number, channel)
);

create table tokens (
    fingerprint text primary key,
    name text not null,
    role text not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);
create index tokens_by_name on tokens (name);

create table sessions (
    name text primary key,
    coded boolean not null,
    changed_at timestamptz not null,
    changed_by text not null
);

create table idempotency_keys (
    owner text not null,
    key text not null,
    request text not null,
    status integer not null,
    answer jsonb not null,
    created_at timestamptz not null,
    primary key (owner, key)
);

create sequence boots;
