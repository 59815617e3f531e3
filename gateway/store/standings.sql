-- name: standings
-- How many jobs stand in which state, the due time of the most overdue one at $1 (who waits for a
-- sending number is due all the while), and how many attempts of open jobs may or may not have reached
-- the carrier.
select
    (
        select coalesce(jsonb_object_agg(s.state, s.jobs), '{}')
        from (
            select state, count(*) as jobs
            from jobs
            where state not in ('completed', 'canceled', 'closed_leftover')
            group by state
        ) as s
    ) as jobs,
    (
        select min(o.at)
        from (
            select min(due_at) as at from jobs
            where next_at is not null and next_at <= $1 and due_at <= $1
            union all
            select min(due_at) from jobs
            where awaits is not null and next_at = awaits_until and due_at <= $1
        ) as o
    ) as oldest,
    (
        select count(*)
        from jobs as j
        join attempts as a on a.account = j.account and a.month = j.month and a.ucn = j.ucn
        where
            a.begun >= j.month and j.state not in ('completed', 'canceled', 'closed_leftover')
            and a.state = 'unsure'
    ) as unsure
