-- name: find_link
-- A secure link by the fingerprint of its token.
select account, month, ucn, attempt, contact, expires_at, opened_at
from links
where fingerprint = $1

-- name: add_nonce
-- One more page was shown; only the newest twenty of a link stay good.
with kept as (
    select nonce from link_nonces
    where fingerprint = $1
    order by created_at desc
    limit 19
),

dropped as (
    delete from link_nonces
    where fingerprint = $1 and nonce not in (select nonce from kept)
)

insert into link_nonces (fingerprint, nonce, created_at) values ($1, $2, $3)

-- name: use_nonce
-- A page's nonce is good once, and not for ever.
delete from link_nonces
where fingerprint = $1 and nonce = $2 and created_at > $3
returning nonce

-- name: note_opened
-- The link was opened; the first time counts.
update links set opened_at = coalesce(opened_at, $2) where fingerprint = $1

-- name: opened
-- Whether any link of an attempt was opened.
select exists(select 1 from links where attempt = $1 and opened_at is not null) as opened
