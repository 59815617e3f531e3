-- A token may be for some accounts only; null: for all.
alter table tokens add column accounts text[];
