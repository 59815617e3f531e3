-- Fits nothing older: an older program knows no hand-offs, and would lose what became of their letters.
-- What belongs to no account is found by its age, so that what people said of it can be erased in time.
create index matters_of_no_account on matters (changed_at, id) where account = '';
