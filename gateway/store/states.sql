-- name: key_of_ucn
-- Where a message stands.
select account, month, ucn
from ucns
where ucn = $1

-- name: key_of_job
-- Which message a job belongs to.
select account, month, ucn
from jobs
where id = $1

-- name: load_messages
-- Messages with their words and the account version in force, and with all their jobs and attempts,
-- oldest first: one statement, for each one costs as much as a dozen of these rows. They are named by
-- key ($1 to $3) or by one of their attempts ($4, begun in the months from $5 to $6). No attempt was
-- begun before the month of its message, nor before the first of all those, $7.
select
    m.*, w.content, s.aside,
    (
        select a.version from accounts as a
        where a.account = m.account and a.deleted_at is null
    ) as document,
    array(
        select row(j.*) from jobs as j
        where j.account = k.account and j.month = k.month and j.ucn = k.ucn
        order by j.created_at, j.id
    ) as jobs,
    array(
        select row(t.*) from attempts as t
        where
            t.account = k.account and t.month = k.month and t.ucn = k.ucn
            and t.begun >= k.month and t.begun >= date($7::timestamptz)
        order by t.started_at, t.id
    ) as attempts
from (
    select * from unnest($1::text[], $2::date[], $3::text[]) as k (account, month, ucn)
    union
    select a.account, a.month, a.ucn from attempts as a
    where
        a.id = any($4::uuid[])
        and a.begun between date($5::timestamptz) and date($6::timestamptz)
) as k
join messages as m on m.account = k.account and m.month = k.month and m.ucn = k.ucn
left join message_words as w
    on w.account = k.account and w.month = k.month and w.ucn = k.ucn
left join asides as s on s.account = k.account and s.month = k.month and s.ucn = k.ucn

-- name: load_documents
-- Account documents by version.
select account, version, document
from account_versions
where (account, version) in (
    select k.account, k.version from unnest($1::text[], $2::integer[]) as k (account, version)
)

-- name: load_surroundings
-- What a plan must know besides: which of these phones ($1, parted by spaces) are opted out or
-- suspended, reply codes they cannot be given, calls that are open to them, how often they were
-- called since $6, when last and when that ended (open ones have no end) but for accepted calls, the
-- accounts' specials that have not ended, and which accounts' blank days a lead has heard of. What
-- never reached the carrier was no call. The method is compared so that no index of calls alone is
-- taken: it knows no phones, and in a young month the planner thinks it as good.
select
    'flag' as what, p.phone as name, coalesce(p.suspended_for, '') as word,
    p.opted_out_at is not null as opted_out, p.suspended_at is not null as suspended,
    null::timestamptz as until
from phones as p
where
    p.phone = any(string_to_array($1, ' '))
    and (p.opted_out_at is not null or p.suspended_at is not null)
union all
select 'codes', r.phone, string_agg(r.code, ' '), false, false, null
from reply_codes as r
where r.phone = any(string_to_array($1, ' ')) and (r.closed_at is null or r.closed_at > $2)
group by r.phone
union all
select 'taken', o.phone, '', false, false, o.expires_at
from open_calls as o
where o.phone = any(string_to_array($1, ' ')) and o.expires_at > $5
union all
select
    'rung', p.phone,
    r.times || ' '
    || case when r.unended = 0 then coalesce(extract(epoch from r.over)::text, '') else '' end,
    false, false, coalesce(r.last, r.latest)
from unnest(string_to_array($1, ' ')) as p (phone)
cross join lateral (
    select
        count(*) as times, max(t.started_at) as latest,
        count(*) filter (
            where t.outcome is distinct from 'accepted' and t.ended_at is null
        ) as unended,
        max(t.ended_at) filter (where t.outcome is distinct from 'accepted') as over,
        max(t.started_at) filter (where t.outcome is distinct from 'accepted') as last
    from attempts as t
    where
        t.begun between date_trunc('month', $6::timestamptz)::date
        and date_trunc('month', $5::timestamptz + interval '1 day')::date
        and t.address = p.phone and t.started_at > $6 and t.method || '' = 'call'
        and (t.sid is not null or t.outcome is null)
        and (t.rides is null or t.rides = t.id)
) as r
where r.times > 0
union all
select
    'special', s.account,
    json_build_object(
        'id', s.id, 'text', s.text, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
        'replace', s.replace, 'hold', s.hold
    )::text,
    false, false, s.posted_at
from specials as s
where s.account = any($3::text[]) and s.state <> 'rejected' and s.ends_at > $5
union all
select 'blank', b.account, '', false, false, null
from unnest($3::text[], $4::date[]) as k (account, day)
join blank_days as b on b.account = k.account and b.day = k.day

-- name: load_flags
-- Which of these phones are opted out or suspended.
select
    phone, opted_out_at is not null as opted_out, suspended_at is not null as suspended,
    coalesce(suspended_for, '') as word
from phones
where phone = any($1::text[]) and (opted_out_at is not null or suspended_at is not null)

-- name: load_calls
-- When these phones were called since $2; what never reached the carrier was no call.
select address, started_at
from attempts
where
    begun >= date_trunc('month', $2::timestamptz)::date
    and address = any($1::text[]) and method = 'call' and started_at > $2
    and (rides is null or rides = id) and (sid is not null or outcome is null)
order by started_at
