-- The least of a range of blocks stays what it was when rows are deleted and others take their place: within weeks
-- every range seemed to hold something old, and all of it was read to find nothing. An index by instant does not age.
drop index idempotency_keys_age;
drop index inbound_texts_age;
create index idempotency_keys_by_age on idempotency_keys (created_at);
create index inbound_texts_by_age on inbound_texts (received_at);
-- Asked every second by every process, also while all that is new is something else.
create index needs_dispatch on needs (seq) where kind = 'dispatch';
