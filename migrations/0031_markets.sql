-- Fits nothing older: an older program knows neither these tables nor hand-offs, whose letters it would lose.
-- The tables of markets that somebody changed, version by version; a market without any has the shipped one (0).
create table market_tables (
    market text not null,
    version integer not null,
    document jsonb not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (market, version)
);
-- Every text that customers were to be told before an escalation, by a version that is made of the text.
create table advice_texts (
    version text primary key,
    words text not null,
    created_at timestamptz not null
);
