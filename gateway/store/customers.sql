-- name: add_customer
-- Somebody for whom technicians go out.
insert into customers (id, name, phone, email, address, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: customers_by_id
-- Customers by their ids.
select id, name, phone, email, address, created_at from customers where id = any($1::uuid[])

-- name: lock_customers_of
-- Whose jobs these are ($1), or cases about their jobs, held: nobody opens another job for them meanwhile.
select c.id
from customers as c
where
    c.erased_at is null and c.id in (
        select f.customer from field_jobs as f where f.id = any($1::uuid[])
        union all
        select f.customer
        from matters as e
        join field_jobs as f on f.id::text = any(e.about)
        where e.id = any($1::uuid[]) and e.kind = 'case'
    )
order by c.id
for update

-- name: lock_customers
-- Who has that number ($1), held likewise.
select c.id from customers as c
where c.erased_at is null and c.phone = $1
order by c.id
for update

-- name: lock_these_customers
-- These ($1), held likewise.
select c.id from customers as c
where c.erased_at is null and c.id = any($1::uuid[])
order by c.id
for update

-- name: hold_customer
-- A customer who is there and was not erased, and stays so until the end of the transaction.
select c.id from customers as c
where c.id = $1 and c.erased_at is null
for key share

-- name: free_customers
-- The next $4 of these ($1; null: of all) who were written down before $2 (null: whenever) and for whom
-- nobody goes out any more: no job of theirs is worked or has its words (its state is none of $3, or it
-- was never erased), has a letter on the wire, or is what an open case is about.
select c.id
from customers as c
where
    c.erased_at is null
    and ($1::uuid[] is null or c.id = any($1::uuid[]))
    and ($2::timestamptz is null or c.created_at < $2)
    and not exists (
        select 1
        from field_jobs as f
        join matters as m on m.id = f.id
        where
            f.customer = c.id and (
                m.state <> all($3::text[])
                or not exists (
                    select 1 from matter_items as i
                    where i.matter = m.id and i.kind = 'fieldjob.erased'
                )
                or exists (
                    select 1 from letters as l
                    where l.matter = m.id and l.state = 'intended'
                )
                or exists (
                    select 1 from matters as e
                    where
                        e.kind = 'case' and e.about @> array[f.id::text] and (
                            e.facts ->> 'closed_at' is null or exists (
                                select 1 from letters as l
                                where l.matter = e.id and l.state = 'intended'
                            )
                        )
                )
            )
    )
order by c.created_at, c.id
limit $4

-- name: erase_customers
-- Who these were ($1) is gone.
update customers
set name = 'erased', phone = 'erased', email = null, address = null, erased_at = $2, erased_by = $3
where id = any($1::uuid[])

-- name: find_customers
-- Customers with that number, or all of them, newest first; nobody who was erased.
select id, name, phone, email, address, created_at
from customers
where erased_at is null and ($1::text is null or phone = $1)
order by created_at desc, id
limit $2
