-- name: market_tables_in_force
-- The last version of every market's table that somebody changed.
select distinct on (market) market, version, document, created_at, created_by
from market_tables
order by market, version desc

-- name: market_table
-- One version of a market's table.
select market, version, document, created_at, created_by
from market_tables
where market = $1 and version = $2

-- name: add_market_table
-- A new version, unless somebody else made it meanwhile.
insert into market_tables (market, version, document, created_at, created_by)
values ($1, $2, $3, $4, $5)
on conflict (market, version) do nothing
returning version

-- name: keep_advice
-- Texts that customers are told; a version is always the same text.
insert into advice_texts (version, words, created_at)
select c.version, c.words, $3
from unnest($1::text[], $2::text[]) as c (version, words)
on conflict (version) do nothing

-- name: advice_text
-- What a customer was told.
select words from advice_texts where version = $1

-- name: count_escalations
-- Escalations saved in a span, by market, agent and case reason; how many were met, declined, and late.
select
    m.facts -> 'escalation' ->> 'market' as market,
    m.facts -> 'escalation' ->> 'taken_by' as agent,
    m.facts -> 'escalation' ->> 'case_reason' as case_reason,
    count(*) as saved,
    count(*) filter (where (m.facts -> 'escalation' ->> 'accommodated')::boolean) as accommodated,
    count(*) filter (where not (m.facts -> 'escalation' ->> 'accommodated')::boolean) as declined,
    count(*) filter (
        where m.facts ->> 'alerted_at' is not null and m.facts ->> 'close_reason' is distinct from 'declined'
    ) as missed
from matters as m
where m.kind = 'case' and m.about @> array['market_escalation'] and m.opened_at >= $1 and m.opened_at < $2
group by 1, 2, 3
order by 1, 2, 3
