-- What is old is found without reading all of it every time. Rows come in the order of these instants, so the least
-- and the last of each range of blocks tell enough, and cost next to no write.
create index idempotency_keys_age on idempotency_keys using brin (created_at)
with (pages_per_range = 32, autosummarize = on);
create index inbound_texts_age on inbound_texts using brin (received_at)
with (pages_per_range = 32, autosummarize = on);
