-- What is to be known later about a phone: since when its owner surely takes texts again, so that an opt-out of before,
-- found late, does not undo it; and how many PINs were tried on calls from it since when, none of them right.
alter table phones add column opted_in_at timestamptz;
alter table phones add column pin_guesses integer not null default 0;
alter table phones add column pin_guesses_since timestamptz;

-- The newest need that was there when people were last told that nobody covers for this session.
alter table sessions add column told_seq bigint not null default 0;
