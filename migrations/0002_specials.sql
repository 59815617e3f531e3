-- Specials: a client's instructions for a while, and what happened to an account itself.

create table specials (
    account text not null,
    id uuid not null,
    text text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    replace text,
    hold boolean not null,
    state text not null,
    posted_by text not null,
    posted_at timestamptz not null,
    reviewed_by text,
    reviewed_at timestamptz,
    primary key (account, id)
);
create index specials_standing on specials (account, ends_at) where state <> 'rejected';

-- what has no message to stand in the history of; append-only, like that
create table account_items (
    id uuid primary key default gen_random_uuid(),
    place bigint generated always as identity, -- tells the order of what happened at one instant
    account text not null,
    at timestamptz not null,
    actor text not null,
    kind text not null,
    outcome text not null,
    text text not null,
    data jsonb not null
);
create index account_items_of_account on account_items (account, at desc, place desc);
create trigger account_items_are_append_only before update or truncate on account_items
for each statement execute function history_is_append_only();
