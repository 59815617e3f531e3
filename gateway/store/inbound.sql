-- name: hear_of
-- When a call was first heard of, if not just now ($2); it is remembered for ever.
with heard as (
    insert into heard_of (name, first_at) values (name_of($1), $2)
    on conflict do nothing
)
select first_at from heard_of where name = name_of($1)

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
            and a.begun >= m.month and a.contact = c.contact and a.source <> 'resend'
    )
group by m.account, m.month, m.ucn, m.priority, m.taken_at
order by m.priority, m.taken_at, m.ucn

-- name: count_guess
-- One more PIN tried on a call from a number, at $2; they are counted anew when the first one was
-- before $3. The same key press ($4) counts once, also when two webhooks bring it at one instant.
insert into phones as p (phone, pin_guesses, pin_guesses_since, pin_guess_of)
values ($1, 1, $2, $4)
on conflict (phone) do update
set
    pin_guesses = case
        when p.pin_guesses_since > $3
            then p.pin_guesses + (p.pin_guess_of is distinct from $4)::integer
        else 1
    end,
    pin_guess_of = $4,
    pin_guesses_since = case when p.pin_guesses_since > $3 then p.pin_guesses_since else $2 end
returning pin_guesses

-- name: guesses
-- How many PINs were tried on calls from a number since the first one, if that was after $2.
select pin_guesses from phones where phone = $1 and pin_guesses_since > $2

-- name: forget_guesses
-- The right PIN came.
update phones set pin_guesses = 0, pin_guesses_since = null, pin_guess_of = null where phone = $1
