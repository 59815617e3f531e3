-- One call or text for several messages: `rides` names the attempt that is on the wire for all of them,
-- itself included; an attempt alone on its call has none.
alter table attempts add column rides uuid;
alter table attempts alter column rides set statistics 10;
create index attempts_sharing on attempts (rides) where rides is not null;
