-- Until when the texts to each of our numbers were listed at the carrier, and when the next look is due. Texts whose
-- webhooks found nobody are found there.
create table numbers_listed (
    number text primary key,
    listed_until timestamptz not null,
    next_at timestamptz not null
);
