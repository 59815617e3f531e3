-- name: lock_messages
-- Nobody takes these messages up again until the transaction is over.
select 1
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
order by m.account, m.month, m.ucn
for update of m

-- name: erase_words
-- Details of these messages: their words, replies, annotations, recordings, whom they were sent to
-- by hand, what was said of mistakes. Histories stay as they are; they name words by salted hashes.
-- Only of messages that nobody works any more: no job, park or review is open, the account manager
-- has looked, and nothing is still to be sent or waits for a person who sees to it. They are locked
-- already: what was waited for is seen. Returns those that had something to erase.
with closed as (
    select m.account, m.month, m.ucn
    from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
    join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
    where
        m.state <> 'open' and not exists (
            select 1 from jobs as j
            where
                j.account = m.account and j.month = m.month and j.ucn = m.ucn
                and j.state not in ('completed', 'canceled', 'closed_leftover')
        )
        and not exists (
            select 1 from asides as s
            where
                s.account = m.account and s.month = m.month and s.ucn = m.ucn
                and (
                    s.aside ? 'park' or s.aside ? 'review'
                    or s.aside -> 'proof' ->> 'state' = 'open'
                )
        )
        and (m.account, m.month, m.ucn) not in (
            select d.account, d.month, d.ucn
            from deliveries as d
            where
                d.account = any($1) and (
                    d.state in ('waiting', 'intended')
                    or (d.kind in ('claim', 'lead') and d.state in ('blocked', 'failed', 'unsure'))
                )
        )
),

details as (
    delete from message_words as w using closed as c
    where w.account = c.account and w.month = c.month and w.ucn = c.ucn
    returning w.ucn
),

words as (
    delete from history_words as w using closed as c
    where w.account = c.account and w.month = c.month and w.ucn = c.ucn
    returning w.ucn
),

recorded as (
    delete from recordings as r using closed as c
    where r.account = c.account and r.month = c.month and r.ucn = c.ucn
    returning r.ucn
),

requests as (
    update jobs as j set request = jsonb_set(j.request, '{address}', '"erased"')
    from closed as c
    where
        j.account = c.account and j.month = c.month and j.ucn = c.ucn
        and j.request is not null and j.request ->> 'address' <> 'erased'
    returning j.ucn
),

sent as (
    update attempts as t set address = 'erased'
    from closed as c
    where
        t.account = c.account and t.month = c.month and t.ucn = c.ucn and t.begun >= c.month
        and t.source = 'resend' and t.address <> 'erased'
    returning t.ucn
),

judged as (
    update mistakes as s set detail = 'erased'
    from closed as c
    where
        s.account = c.account and s.month = c.month and s.ucn = c.ucn and s.detail <> 'erased'
    returning s.ucn
)

select c.account, c.ucn
from closed as c
where
    c.ucn in (
        select ucn from details
        union all
        select ucn from words
        union all
        select ucn from recorded
        union all
        select ucn from requests
        union all
        select ucn from sent
        union all
        select ucn from judged
    )
order by c.ucn

-- name: note_erased
-- Who had details erased, and why, stands with the account.
insert into account_items (account, at, actor, kind, outcome, text, data)
select
    e.account, $3, $4, 'words.erased', 'success', 'Details of messages were erased.',
    jsonb_build_object('messages', count(*), 'ucns', string_agg(e.ucn, ' ' order by e.ucn), 'reason', $5::text)
from unnest($1::text[], $2::text[]) as e (account, ucn)
group by e.account

-- name: of_caller
-- Messages that a caller left, by the phone number they gave, of account $2 (null: any).
select w.account, w.month, w.ucn
from message_words as w
where w.content -> 'caller' ->> 'phone' = $1 and ($2::text is null or w.account = $2)
order by w.ucn

-- name: details_before
-- The next $3 messages of an account after month $4 and UCN $5 that were taken before $2 or in its
-- month and still have details, by month and UCN; `aged` if it was before $2 and is not open. Reads
-- what is left to erase, never the messages whose details are gone.
with kept as (
    select k.month, k.ucn
    from (
        (
            select month, ucn from message_words
            where
                account = $1 and month <= ($2::timestamptz at time zone 'UTC')::date
                and (month, ucn) > ($4::date, $5::text)
            order by month, ucn limit $3
        )
        union
        (
            select distinct month, ucn from history_words
            where
                account = $1 and month <= ($2::timestamptz at time zone 'UTC')::date
                and (month, ucn) > ($4::date, $5::text)
            order by month, ucn limit $3
        )
        union
        (
            select month, ucn from recordings
            where
                account = $1 and month <= ($2::timestamptz at time zone 'UTC')::date
                and (month, ucn) > ($4::date, $5::text)
            order by month, ucn limit $3
        )
    ) as k
    order by k.month, k.ucn
    limit $3
)

select m.account, m.month, m.ucn, m.taken_at < $2 and m.state <> 'open' as aged
from kept as k
join messages as m on m.account = $1 and m.month = k.month and m.ucn = k.ucn
order by m.month, m.ucn

-- name: with_details
-- Which of these messages still have details, of whatever kind.
select k.ucn
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
where
    exists (
        select 1 from message_words as w
        where w.account = k.account and w.month = k.month and w.ucn = k.ucn
    )
    or exists (
        select 1 from history_words as w
        where w.account = k.account and w.month = k.month and w.ucn = k.ucn
    )
    or exists (
        select 1 from recordings as r
        where r.account = k.account and r.month = k.month and r.ucn = k.ucn
    )
order by k.ucn
