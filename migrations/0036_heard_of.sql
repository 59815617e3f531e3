-- fits from 0035
-- Every text and call to us that the carrier has named, for ever: a signature names no time, so nothing else tells an
-- old webhook from a new one. An id alone, made of the name; what a program of before leaves out is added when the text
-- itself is forgotten.
create table heard_of (
    name uuid primary key,
    first_at timestamptz not null
);

-- No more than stable, as what it is made of: so it is planned as a part of each statement, which is cheaper.
create function name_of(sid text) returns uuid language sql stable as $$
    select encode(substr(sha256(convert_to(sid, 'UTF8')), 1, 16), 'hex')::uuid
$$;

-- Calls to us of before are found in the attempts that were made of them.
insert into heard_of (name, first_at)
select name_of(sid), min(started_at)
from attempts
where method = 'inbound' and sid is not null
group by sid;
