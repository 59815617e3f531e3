-- name: list_parked
-- Parked messages, of account $1, for skill $2 in any case (null: any), longest parked first.
with found as materialized (
    select s.account, s.month, s.ucn, s.aside
    from asides as s
    where
        s.aside ? 'park'
        and ($1::text is null or s.account = $1)
        and ($2::text is null or lower(s.aside -> 'park' ->> 'skill') = lower($2))
    order by s.aside -> 'park' ->> 'at', s.ucn
    limit $3
)

select m.*, s.aside, w.words as park_words
from found as s
join messages as m on m.account = s.account and m.month = s.month and m.ucn = s.ucn
left join history_words as w
    on
        w.account = s.account and w.month = s.month and w.ucn = s.ucn
        and w.seq = (s.aside -> 'park' ->> 'seq')::integer
order by s.aside -> 'park' ->> 'at', s.ucn

-- name: annotations_of
-- The annotations of these messages, oldest first, with the words that have not been erased.
select h.account, h.month, h.ucn, h.item, h.hash, w.words
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join history_items as h on h.account = k.account and h.month = k.month and h.ucn = k.ucn
left join history_words as w
    on w.account = h.account and w.month = h.month and w.ucn = h.ucn and w.seq = h.seq
where h.kind = 'annotation.added'
order by h.ucn, h.seq
