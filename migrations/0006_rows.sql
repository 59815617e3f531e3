-- Rows as they come in: one array of rows is read several times faster than an array for each column.
-- A type is never altered once it stands here, only followed by another one: programs of the version before
-- go on sending theirs while the database is already migrated. Instants are seconds since 1970: those are encoded
-- five times faster than timestamps, and exact to the microsecond.

-- What a change was planned on: a message (document null: any will do) and its jobs (by the place of the change).
create type message_read as (account text, month date, ucn text, head_seq integer, document integer);
create type job_read as (id uuid, version bigint, fence bigint, place integer);

-- What a decision made of a message that it read as said, and the items it adds to its history: they follow one another and share an
-- instant; kinds and hashes are parted by spaces, the texts stand where `items_from` (from 1) and `items_bytes` say.
create type told_row as (
    account text,
    month date,
    ucn text,
    read_seq integer,
    document integer,
    state text,
    evidence text,
    delivered_to text,
    delivered_at double precision,
    sent boolean,
    head_seq integer,
    head_hash text,
    first_seq integer,
    at double precision,
    kinds text,
    hashes text,
    items_from integer,
    items_bytes integer
);

create type job_row as (
    id uuid,
    version bigint,
    fence bigint,
    state text,
    due_at double precision,
    next_at double precision,
    cue_at double precision,
    reason text,
    waits_for text,
    owner text,
    target jsonb,
    active_seconds integer,
    round jsonb
);

create type attempt_row as (
    id uuid,
    account text,
    month date,
    ucn text,
    job uuid,
    round integer,
    slot text,
    contact text,
    address text,
    method text,
    source text,
    started_at double precision,
    check_at double precision,
    state text,
    stage text,
    step integer,
    tries integer,
    answered_at double precision,
    stage_at double precision,
    holds_until double precision,
    outcome text,
    ended_at double precision,
    sender text,
    sid text,
    code text,
    prefetches integer
);

create type placed_row as (attempt uuid, sid text, check_at double precision);

create type call_row as (phone text, attempt uuid, expires_at double precision);

create type code_row as (
    phone text,
    code text,
    account text,
    month date,
    ucn text,
    contact text,
    issued_at double precision
);

-- Codes are found by message through the key that keeps them unique, so that one index less is kept.
create unique index reply_codes_of_messages on reply_codes (ucn, phone);
drop index reply_codes_of_message;
-- The key (phone, code) and the index above keep apart what it kept apart.
-- squawk-ignore ban-drop-constraint
alter table reply_codes drop constraint reply_codes_phone_ucn_key;
create index reply_codes_closed on reply_codes (closed_at) where closed_at is not null;

-- The carrier's answer is the second write of nearly every attempt. It sets the SID and the time of the next look,
-- neither of which stands in an index, so that it leaves all indexes alone (HOT).
drop index attempts_silent;
drop index attempts_called;
drop index attempts_by_sid;
create index attempts_intended on attempts (started_at) where state = 'intended';
create index attempts_of_address on attempts (address, started_at);

-- Room for the versions that a dispatch makes of a row at once, on the row's own page: else its indexes are written.
alter table attempts set (fillfactor = 50);
alter table jobs set (fillfactor = 45);

-- History: all items that one change adds stand in one row, from number `seq` on. Their kinds and hashes are parted by
-- spaces, their exact texts by newlines, which JSON never holds. Rows of one item, as they were before, are read alike.
alter table history set (toast_tuple_target = 8160);
create view history_items as
select
    h.account,
    h.month,
    h.ucn,
    h.seq + i.place::integer - 1 as seq,
    h.at,
    coalesce(i.kind, '') as kind,
    coalesce(i.item, '') as item,
    coalesce(i.hash, '') as hash
from history as h
cross join unnest(
    string_to_array(h.kind, ' '), string_to_array(h.item, e'\n'), string_to_array(h.hash, ' ')
) with ordinality as i (kind, item, hash, place);

-- Ends a statement, and with it its transaction, that found something else than it was told to expect.
create function give_up() returns void language plpgsql as $$
begin
    raise exception 'something is not as it was read' using errcode = 'serialization_failure';
end
$$;
