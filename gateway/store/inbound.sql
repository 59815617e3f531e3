-- name: waiting_for
-- The open messages that the people of a phone number were to be reached for: by their account's
-- open jobs, since those are few.
select m.account, m.month, m.ucn, min(c.contact) as contact
from contact_phones as c
join jobs as j
    on
        j.account = c.account and j.state not in ('completed', 'canceled', 'closed_leftover')
        and j.request is null
join messages as m
    on m.account = j.account and m.month = j.month and m.ucn = j.ucn and m.state = 'open'
where
    c.phone = $1
    and exists(
        select 1 from attempts as a
        where
            a.account = m.account and a.month = m.month and a.ucn = m.ucn
            and a.contact = c.contact and a.source <> 'resend'
    )
group by m.account, m.month, m.ucn, m.priority, m.taken_at
order by m.priority, m.taken_at, m.ucn
