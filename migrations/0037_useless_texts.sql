-- fits from 0036
-- When a phone's last text came that changed nothing: how many of them came in a row is counted anew after a while.
alter table phones add column helped_at timestamptz;
