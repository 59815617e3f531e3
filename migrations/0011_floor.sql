-- The floor of the dispatch desk: what needs a person, who is coded for dispatch and when they take a
-- break, and who was refused a job because nobody had coded them.

-- append-only and kept for some days; seq runs in the order of the commits ----------------------------
create table needs (
    account text not null,
    seq bigint generated always as identity,
    at timestamptz not null,
    month date,
    ucn text,
    job uuid,
    kind text not null,
    reason text not null,
    why text,
    due_at timestamptz,
    primary key (account, seq)
);
create index needs_by_seq on needs (seq);
create index needs_at on needs (at);
-- a job is past due once for each instant it was promised for
create unique index needs_past_due on needs (account, job, due_at) where reason = 'past_due';

alter table sessions add column call_state text not null default 'ZERO';
alter table sessions add column break_at timestamptz;
-- when people were last asked to verify that this session is rightly offered dispatch work
alter table sessions add column verify_at timestamptz;
update sessions set call_state = 'DISP' where coded;

create table refusals (
    id uuid primary key,
    at timestamptz not null,
    actor text not null,
    deed text not null,
    code text not null,
    account text not null,
    ucn text not null,
    job uuid
);
create index refusals_at on refusals (at);
