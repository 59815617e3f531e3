-- History and attempts by the month, so that old months can be put away. What belongs to a month that nobody has made
-- room for goes into the default partition, and from there into its own when that is made.
--
-- `begun` is the month that an attempt's id names: the one in which it was begun, or its message's where that is later.
-- Whoever knows an id, an instant or a message knows the first month to look in.

-- squawk-ignore renaming-table
alter table history rename to history_before;
-- squawk-ignore renaming-object
alter index history_pkey rename to history_before_pkey;
-- squawk-ignore renaming-table
alter table attempts rename to attempts_before;
-- squawk-ignore renaming-object
alter index attempts_pkey rename to attempts_before_pkey;
-- squawk-ignore ban-drop-view
drop view history_items;

create table history (
    account text not null,
    month date not null,
    ucn text not null,
    seq integer not null,
    at timestamptz not null,
    kind text not null,
    item text not null,
    hash text not null,
    constraint history_pkey primary key (account, month, ucn, seq)
) partition by range (month);
create table history_default partition of history default with (toast_tuple_target = 8160);

create table attempts (
    id uuid not null,
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
    prefetches integer not null default 0,
    rides uuid,
    begun date not null,
    constraint attempts_pkey primary key (id, begun)
) partition by range (begun);
create table attempts_default partition of attempts default
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
alter type attempt_row add attribute begun date;

alter table history_default
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column seq set statistics 10,
    alter column at set statistics 0,
    alter column kind set statistics 0,
    alter column item set statistics 0,
    alter column hash set statistics 0;

alter table attempts_default
    alter column id set statistics 10,
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column job set statistics 10,
    alter column round set statistics 0,
    alter column slot set statistics 0,
    alter column contact set statistics 10,
    alter column address set statistics 10,
    alter column method set statistics 10,
    alter column source set statistics 10,
    alter column state set statistics 10,
    alter column stage set statistics 0,
    alter column step set statistics 0,
    alter column tries set statistics 0,
    alter column started_at set statistics 10,
    alter column check_at set statistics 10,
    alter column answered_at set statistics 0,
    alter column stage_at set statistics 0,
    alter column holds_until set statistics 0,
    alter column outcome set statistics 10,
    alter column ended_at set statistics 10,
    alter column sender set statistics 0,
    alter column sid set statistics 10,
    alter column code set statistics 0,
    alter column prefetches set statistics 0,
    alter column rides set statistics 10,
    alter column begun set statistics 10;

-- Take a table in as the partition of a month; what the default partition holds of that month moves into it.
create function attach_month(parent text, first_day date) returns void language plpgsql as $$
declare
    partition text := parent || to_char(first_day, '"_"YYYY"_"MM');
    key text := case parent when 'history' then 'month' else 'begun' end;
    next_day date := (first_day + interval '1 month')::date;
begin
    execute format('lock table only %I in share update exclusive mode', parent);
    -- Nobody waits behind us for long: who makes room can do so later.
    perform set_config('lock_timeout', '1s', true);
    execute format('lock table %I in access exclusive mode', parent || '_default');
    execute format(
        'with moved as (delete from %1$I where %2$I >= %3$L and %2$I < %4$L returning *)'
        ' insert into %5$I select * from moved',
        parent || '_default', key, first_day, next_day, partition
    );
    execute format(
        'alter table %I attach partition %I for values from (%L) to (%L)',
        parent, partition, first_day, next_day
    );
end
$$;

-- Make room for a month, once: a partition like the default one. Whether there was none yet.
create function make_month(parent text, day date) returns boolean language plpgsql as $$
declare
    first_day date := date_trunc('month', day::timestamp)::date;
    partition text := parent || to_char(first_day, '"_"YYYY"_"MM');
    model regclass := (parent || '_default')::regclass;
    settings text;
    one record;
begin
    if to_regclass(quote_ident(partition)) is not null then
        return false;
    end if;
    execute format('lock table only %I in share update exclusive mode', parent);
    if to_regclass(quote_ident(partition)) is not null then
        return false;
    end if;
    execute format('create table %I (like %s including all)', partition, model);
    select array_to_string(c.reloptions, ', ') into settings from pg_class as c where c.oid = model;
    execute format('alter table %I set (%s)', partition, settings);
    for one in
        select a.attname, a.attstattarget as target
        from pg_attribute as a
        where a.attrelid = model and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0
    loop
        execute format('alter table %I alter column %I set statistics %s', partition, one.attname, one.target);
    end loop;
    if parent = 'history' then
        execute format(
            'create trigger history_is_append_only before update or truncate on %I'
            ' for each statement execute function history_is_append_only()',
            partition
        );
    end if;
    perform attach_month(parent, first_day);
    return true;
end
$$;

-- Every row moves into its month. In an earlier version an attempt's id was drawn at random and names no month.
do $$
begin
    perform make_month('history', d.month) from (select distinct month from history_before) as d;
    perform make_month('attempts', d.month)
    from (
        select distinct greatest(month, date_trunc('month', started_at at time zone 'UTC')::date) as month
        from attempts_before
    ) as d;
end
$$;
insert into history (account, month, ucn, seq, at, kind, item, hash)
select account, month, ucn, seq, at, kind, item, hash
from history_before;
insert into attempts (
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage, step, tries, started_at,
    check_at, answered_at, stage_at, holds_until, outcome, ended_at, sender, sid, code, prefetches, rides, begun
)
select
    id, account, month, ucn, job, round, slot, contact, address, method, source, state, stage, step, tries, started_at,
    check_at, answered_at, stage_at, holds_until, outcome, ended_at, sender, sid, code, prefetches, rides,
    greatest(month, date_trunc('month', started_at at time zone 'UTC')::date)
from attempts_before;
-- squawk-ignore ban-drop-table
drop table history_before;
-- squawk-ignore ban-drop-table
drop table attempts_before;

create index attempts_of_message on attempts (account, month, ucn);
create index attempts_intended on attempts (started_at) where state = 'intended';
create index attempts_of_address on attempts (address, started_at);
create index attempts_sharing on attempts (rides) where rides is not null;
create index attempts_inbound on attempts (started_at) where method = 'inbound' and outcome is null;
create index attempts_calls_by_contact on attempts (started_at desc, account, contact) where method = 'call';

create trigger history_is_append_only before update or truncate on history
for each statement execute function history_is_append_only();
create trigger history_is_append_only before update or truncate on history_default
for each statement execute function history_is_append_only();

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

-- Months whose partitions were put away: what they held is elsewhere, and nobody shall take it for lost.
create table months_away (month date primary key);

-- For operators: detach the partitions of a month, whose tables can then be kept elsewhere and dropped. Refused while
-- anything of that month, or of one before, is still worked.
create function put_month_away(day date) returns void language plpgsql as $$
declare
    first_day date := date_trunc('month', day::timestamp)::date;
    parent text;
    partition text;
begin
    if exists (
        select 1 from jobs as j
        where j.month <= first_day and j.state not in ('completed', 'canceled', 'closed_leftover')
    ) then
        raise exception 'jobs of messages of % or before have not ended', to_char(first_day, 'YYYY-MM');
    end if;
    perform set_config('lock_timeout', '1s', true);
    foreach parent in array array['history', 'attempts'] loop
        partition := parent || to_char(first_day, '"_"YYYY"_"MM');
        if to_regclass(quote_ident(partition)) is not null then
            execute format('alter table %I detach partition %I', parent, partition);
        end if;
    end loop;
    insert into months_away (month) values (first_day);
end
$$;

-- The other way round: the tables of a month stand under their names again, and are taken in.
create function bring_month_back(day date) returns void language plpgsql as $$
declare
    first_day date := date_trunc('month', day::timestamp)::date;
    parent text;
begin
    delete from months_away where month = first_day;
    if not found then
        raise exception '% was not put away', to_char(first_day, 'YYYY-MM');
    end if;
    foreach parent in array array['history', 'attempts'] loop
        if to_regclass(quote_ident(parent || to_char(first_day, '"_"YYYY"_"MM'))) is not null then
            perform attach_month(parent, first_day);
        end if;
    end loop;
end
$$;
