-- What nobody waits for is claimed apart: the looks at ten thousand accounts that were just loaded must not
-- keep a notice waiting. Each kind of claim reads its own, however many there are of the other.
drop index duties_due;
create index duties_awaited on duties (next_at, id)
where kind not in ('coverage', 'phones', 'retention');
create index duties_quiet on duties (next_at, id)
where kind in ('coverage', 'phones', 'retention');
