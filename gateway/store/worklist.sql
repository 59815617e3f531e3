-- name: list_open_jobs
-- The dispatch list, most urgent first: of an account ($1), in a state ($2), due after $3, at the
-- latest at $4; at most $5. $6 given: only those older than the delivery of their message. Each class
-- is read in the order of its due times, no further than is asked for.
select f.*
from unnest('{0, 1, 2}'::smallint[]) as c (priority)
cross join lateral (
    select j.*
    from jobs as j
    where
        j.priority = c.priority and j.state not in ('completed', 'canceled', 'closed_leftover')
        and ($1::text is null or j.account = $1)
        and ($2::text is null or j.state = $2)
        and ($3::timestamptz is null or j.due_at > $3)
        and ($4::timestamptz is null or j.due_at <= $4)
        and (
            $6::boolean is null or exists (
                select 1 from messages as m
                where
                    m.account = j.account and m.month = j.month and m.ucn = j.ucn
                    and m.state = 'delivered' and j.created_at <= m.delivered_at
            )
        )
    order by j.due_at, j.id
    limit $5
) as f
order by f.priority, f.due_at, f.id
limit $5

-- name: list_completed_jobs
-- Completed jobs, those of the newest messages first: of an account ($1), at most $2. $3 given: only
-- those older than the delivery of their message.
select j.*
from messages as m
join jobs as j on j.account = m.account and j.month = m.month and j.ucn = m.ucn
where
    ($1::text is null or m.account = $1)
    and j.state = 'completed'
    and ($3::boolean is null or (m.state = 'delivered' and j.created_at <= m.delivered_at))
order by m.taken_at desc, m.ucn desc, j.created_at desc
limit $2

-- name: list_dropped_jobs
-- Jobs that ended otherwise ($4), the newest first; as above.
select j.*
from jobs as j
where
    j.state in ('canceled', 'closed_leftover') and j.state = $4
    and ($1::text is null or j.account = $1)
    and (
        $3::boolean is null or exists (
            select 1 from messages as m
            where
                m.account = j.account and m.month = j.month and m.ucn = j.ucn
                and m.state = 'delivered' and j.created_at <= m.delivered_at
        )
    )
order by j.created_at desc, j.id
limit $2

-- name: last_items
-- The last items of these messages' histories, newest first. Every row holds an item or more, so no
-- more rows are taken apart than items are wanted (the view would take apart a whole history).
select k.account, k.month, k.ucn, h.item, h.hash, w.words
from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
cross join lateral (
    select r.seq + i.place::integer - 1 as seq, coalesce(i.item, '') as item, coalesce(i.hash, '') as hash
    from (
        select l.seq, l.item, l.hash
        from history as l
        where l.account = k.account and l.month = k.month and l.ucn = k.ucn
        order by l.seq desc
        limit $4
    ) as r
    cross join
        unnest(string_to_array(r.item, e'\n'), string_to_array(r.hash, ' '))
        with ordinality as i (item, hash, place)
    order by r.seq + i.place::integer - 1 desc
    limit $4
) as h
left join history_words as w
    on w.account = k.account and w.month = k.month and w.ucn = k.ucn and w.seq = h.seq
order by h.seq desc

-- name: job_by_id
-- One job.
select j.* from jobs as j where j.id = $1

-- name: pending_by_account
-- How many jobs of each account have not ended, are due ($1) and past due ($2).
select
    j.account, coalesce(a.name, '') as name, count(*) as pending,
    count(*) filter (where j.due_at <= $1 and j.due_at > $2) as due_now,
    count(*) filter (where j.due_at <= $2) as past_due
from jobs as j
left join accounts as a on a.account = j.account
where j.state not in ('completed', 'canceled', 'closed_leftover')
group by j.account, a.name
order by min(j.due_at) nulls last, j.account

-- name: count_pending
-- How many jobs of an account have not ended.
select count(*) as pending from jobs
where account = $1 and state not in ('completed', 'canceled', 'closed_leftover')

-- name: claimed_by
-- The jobs of an account that somebody has claimed.
select j.* from jobs as j
where j.account = $1 and j.owner = $2 and j.state = 'claimed'
order by j.id
