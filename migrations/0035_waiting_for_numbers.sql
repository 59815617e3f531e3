-- fits from 0034
-- Jobs that wait for a sending number of a channel (`call`, `text`) to come free: for which, and to reach which phone.
-- They do so as long as they would come back at that instant by themselves; a program of before, which sets another one
-- and leaves the rest as it is, has taken them out.
alter table jobs add column awaits text;
alter table jobs add column awaits_at text;
alter table jobs add column awaits_until timestamptz;
-- Each is of use to its own statements alone: a plan that was made while nobody waited must not take one for the other.
create index jobs_awaiting on jobs (awaits, priority, due_at, id) where awaits is not null;
create index jobs_awaiting_together on jobs (awaits_at) where awaits_at is not null;
