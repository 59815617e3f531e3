-- Reviews of messages stand among what is set aside of them; mistakes are entered about those who took or
-- dispatched one.

create index asides_reviews on asides ((aside -> 'proof' ->> 'id')) where aside ? 'proof';
create index asides_to_review on asides (account, (aside -> 'proof' ->> 'at'))
where aside -> 'proof' ->> 'state' = 'open';
create index specials_by_id on specials (id);
create index specials_to_review on specials (account, posted_at) where state = 'pending';

-- kinds of mistake are rows: they change over time
create table mistake_types (
    type text primary key,
    name text not null,
    description text not null,
    active boolean not null,
    changed_at timestamptz not null,
    changed_by text not null
);
insert into mistake_types (type, name, description, active, changed_at, changed_by) values
(
    'wrong_form_selection', 'Wrong Form Selection', 'The wrong type of call was chosen.', true,
    '2026-01-01T00:00:00Z', 'gateway'
),
(
    'grammatical_spelling_error', 'Grammatical/Spelling Error',
    'More than one grammar or spelling error.', true, '2026-01-01T00:00:00Z', 'gateway'
),
(
    'missing_inaccurate_details', 'Missing/Inaccurate Details Recorded', 'A field was missed, or is wrong.',
    true, '2026-01-01T00:00:00Z', 'gateway'
);

create table mistakes (
    id uuid primary key,
    account text not null,
    month date not null,
    ucn text not null,
    agent text not null,
    type text not null references mistake_types (type),
    detail text not null,
    was_auto_dispatched boolean not null,
    entered_at timestamptz not null,
    entered_by text not null
);
create index mistakes_entered on mistakes (entered_at);
create index mistakes_of_message on mistakes (account, month, ucn);

-- finds who takes messages, and whether somebody ever took one
create index messages_by_taker on messages (taken_by);
