-- Matters: cases, hand-off tickets and field jobs. One row is the lock and the head of its own history, as a message's
-- is; `facts` is what its kind knows of it, the other columns are what it is found by. `account` is '' where a matter
-- belongs to none. Its clock is a duty.
-- Fits nothing older: an older program would end the duties of no account, and with them the clocks.
create table matters (
    id uuid primary key,
    account text not null,
    kind text not null,
    state text not null,
    owner text,
    subject uuid,
    about text[] not null,
    ucns text[] not null,
    facts jsonb not null,
    version integer not null,
    head_seq integer not null,
    head_hash text not null,
    next_at timestamptz,
    opened_at timestamptz not null,
    changed_at timestamptz not null
) with (fillfactor = 80);
-- What may stand once only, however many ask for it at the same time; made of kind and subject.
create unique index matters_of_subject on matters (subject) where subject is not null;
create index matters_newest on matters (kind, opened_at desc, id, state, account);
create index matters_of_owner on matters (kind, owner, opened_at desc, id, state);
create index matters_of_account on matters (account, kind, opened_at, id) where account <> '';
create index matters_about on matters using gin (about);
create index matters_of_messages on matters using gin (ucns) where ucns <> '{}';

-- The exact hashed text is what is stored, as with messages; words stand apart and can be erased.
create table matter_items (
    matter uuid not null,
    seq integer not null,
    account text not null,
    at timestamptz not null,
    kind text not null,
    item text not null,
    hash text not null,
    primary key (matter, seq)
);
create trigger matter_items_are_append_only before update or truncate on matter_items
for each statement execute function history_is_append_only();

create table matter_words (
    matter uuid not null,
    seq integer not null,
    account text not null,
    salt text not null,
    words text not null,
    primary key (matter, seq)
);

-- Letters: what leaves for somebody outside, on the wire once at most, as notices. The id is made of matter and name.
create table letters (
    id uuid primary key,
    account text not null,
    matter uuid not null,
    name text not null,
    way text not null,
    recipient text not null,
    subject text not null,
    body text not null,
    until timestamptz,
    state text not null,
    created_at timestamptz not null,
    sender text,
    sid text,
    reason text
);
create index letters_of_matter on letters (matter, created_at);
