-- fits from 0026
-- What is done beside the daemon, by a timer or by hand: when it was tried last, and when it last went
-- well. The daemon shows it, so that somebody hears when it fails, or is not done at all.
create table chores (
    kind text not null check (kind in ('backup', 'probe_text', 'probe_call')),
    -- The host that makes backups, or the phone that is tested.
    place text not null,
    tried_at timestamptz not null,
    -- Null until it was tried.
    well boolean,
    well_at timestamptz,
    seconds double precision,
    -- How often it is to be done; null: nobody counts on it.
    every interval,
    primary key (kind, place)
);
