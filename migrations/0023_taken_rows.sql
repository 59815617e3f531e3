-- New messages come in as rows too, as changes do since 0006: an array for each of 43 columns took the program
-- several times as long as these three.
create type taken_row as (
    account text,
    month date,
    ucn text,
    priority smallint,
    form text,
    taken_by text,
    taken_at double precision,
    state text,
    evidence text,
    delivered_to text,
    delivered_at double precision,
    sent boolean,
    head_seq integer,
    head_hash text,
    content jsonb,
    aside jsonb,
    first_seq integer,
    at double precision,
    kinds text,
    items text,
    hashes text
);

create type new_job_row as (
    account text,
    month date,
    ucn text,
    id uuid,
    priority smallint,
    source text,
    state text,
    created_at double precision,
    due_at double precision,
    next_at double precision,
    cue_at double precision,
    reason text
);

create type words_row as (
    account text,
    month date,
    ucn text,
    seq integer,
    salt text,
    words text
);
