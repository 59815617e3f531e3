-- name: stale_cases
-- Open cases opened and last reviewed before $1, longest unreviewed first; at most $2.
select id
from matters
where
    kind = 'case' and state <> 'closed' and opened_at < $1::timestamptz
    and coalesce((facts #>> '{work,review,at}')::timestamptz, opened_at) < $1::timestamptz
order by coalesce((facts #>> '{work,review,at}')::timestamptz, opened_at), id
limit $2
