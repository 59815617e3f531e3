-- name: list_types
-- Kinds of mistake, by name; also those no longer used if $1.
select type, name, description, active, changed_at, changed_by
from mistake_types
where active or $1::boolean
order by name, type

-- name: set_type
-- A kind of mistake, new or changed.
insert into mistake_types (type, name, description, active, changed_at, changed_by)
values ($1, $2, $3, $4, $5, $6)
on conflict (type) do update
set
    name = excluded.name, description = excluded.description, active = excluded.active,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by
returning type, name, description, active, changed_at, changed_by

-- name: type_in_use
-- Whether mistakes of this kind may be entered.
select active from mistake_types where type = $1

-- name: find_agents
-- Those who take or dispatch messages, as actors: whoever took one (each found by one look into the
-- index) or has a token, where $1 is part of the name; at most $2.
with recursive takers as (
    (select taken_by from messages order by taken_by limit 1)
    union all
    select (
        select m.taken_by from messages as m
        where m.taken_by > t.taken_by
        order by m.taken_by limit 1
    )
    from takers as t
    where t.taken_by is not null
),

staff as (
    select
        case
            when t.taken_by ~ '^(agent|dispatcher|lead|admin|wfm|account_manager|technician):'
                then t.taken_by
            else 'agent:' || t.taken_by
        end as actor
    from takers as t
    where t.taken_by is not null
    union
    select k.role || ':' || k.name
    from tokens as k
    where k.revoked_at is null and k.role in ('agent', 'dispatcher', 'lead')
)

select actor
from staff
where position(lower($1::text) in lower(actor)) > 0
order by actor
limit $2

-- name: is_agent
-- Whether an actor ($1; a bare name $2) took a message once, or has a token.
select
    exists (select 1 from messages where taken_by in ($1::text, $2::text))
    or exists (select 1 from tokens where name = $2 and role || ':' || name = $1) as known

-- name: acted_on
-- Whether an actor stands in the history of a message.
select exists (
    select 1
    from history_items as h
    where
        h.account = $1 and h.month = $2 and h.ucn = $3 and h.item::jsonb ->> 'actor' = $4
) as acted

-- name: add_mistake
-- A mistake, about the work on one message.
insert into mistakes (
    id, account, month, ucn, agent, type, detail, was_auto_dispatched, entered_at, entered_by
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: list_mistakes
-- The newest mistakes, of an agent ($1) or message ($2; null: any), at most $3, or the one entered as
-- $4; with whether the call was recorded that it is about.
select
    m.id, m.account, m.ucn, m.agent, m.type, t.name as type_name, m.detail,
    m.was_auto_dispatched, m.entered_at, m.entered_by,
    exists (
        select 1 from recordings as r
        where r.account = m.account and r.month = m.month and r.ucn = m.ucn
    ) as recorded
from mistakes as m
join mistake_types as t on t.type = m.type
where
    ($1::text is null or m.agent = $1)
    and ($2::text is null or m.ucn = $2)
    and ($4::uuid is null or m.id = $4)
order by m.entered_at desc, m.id
limit $3

-- name: count_mistakes
-- Mistakes by agent, kind and week (its Monday, UTC), entered from $1 and before $2, with their
-- messages in the order of entry.
select
    m.agent, m.type, t.name as type_name,
    date_trunc('week', m.entered_at at time zone 'UTC')::date as week,
    count(*) as mistakes, array_agg(m.ucn order by m.entered_at, m.id) as ucns
from mistakes as m
join mistake_types as t on t.type = m.type
where m.entered_at >= $1 and m.entered_at < $2
group by 1, 2, 3, 4
order by 1, 4, 2
