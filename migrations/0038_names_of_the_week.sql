-- fits from 0035
-- The names of the week's texts: a program of before, which may go on beside this one, forgets texts without leaving
-- their names.
insert into heard_of (name, first_at)
select name_of(sid), received_at
from inbound_texts
on conflict do nothing;
