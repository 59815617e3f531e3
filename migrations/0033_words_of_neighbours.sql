-- What callers said of themselves goes with the rest: customers are erased, answers to repeated requests name what they
-- are about, and files that were erased are known until every host has taken them away.
-- Fits nothing older: an older program would erase a job and leave its customer, its answers and its photos.
alter table customers add column erased_at timestamptz;
alter table customers add column erased_by text;

alter table idempotency_keys add column about uuid;

create table erased_files (
    id uuid primary key,
    erased_at timestamptz not null
);
create index erased_files_by_age on erased_files (erased_at);
create index idempotency_keys_about on idempotency_keys (about) where about is not null;
