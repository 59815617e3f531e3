-- Sending lines that are in trouble: a number of ours in a channel, or a carrier's name for all its numbers there.
-- They belong to no account. A line of which nothing is known has no row.
create table breakers (
    channel text not null,
    place text not null,
    streak integer not null,
    fine integer not null,
    faults integer not null,
    since timestamptz,
    opened_at timestamptz,
    retry_at timestamptz,
    times integer not null,
    probed_at timestamptz,
    answers boolean not null,
    primary key (channel, place)
);
