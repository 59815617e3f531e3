-- Sessions are told of matters in one stream with what needs a person: who else than those who see all of them sees
-- one (such as `technician:T-1`), and who saw it until now. Both are null for what needs a person.
-- Fits nothing older: an older program would tell field jobs as what needs a person.
alter table needs add column seen_by text[];
alter table needs add column lost_by text[];
