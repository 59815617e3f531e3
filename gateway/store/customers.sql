-- name: add_customer
-- Somebody for whom technicians go out.
insert into customers (id, name, phone, email, address, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: customers_by_id
-- Customers by their ids.
select id, name, phone, email, address, created_at from customers where id = any($1::uuid[])

-- name: lock_customers_of
-- Whose jobs these are ($1), held: nobody opens another job for them meanwhile.
select c.id
from customers as c
where c.erased_at is null and c.id in (select f.customer from field_jobs as f where f.id = any($1::uuid[]))
order by c.id
for update

-- name: lock_customers
-- Who has that number ($1), held likewise.
select c.id from customers as c
where c.erased_at is null and c.phone = $1
order by c.id
for update

-- name: lock_idle_customers
-- The next $2 who were written down before $1 and for whom there is no job, held likewise.
select c.id from customers as c
where
    c.erased_at is null and c.created_at < $1
    and not exists (select 1 from field_jobs as f where f.customer = c.id)
order by c.created_at, c.id
limit $2
for update

-- name: erase_customers
-- Who these were ($1) is gone, unless a job for them is worked or has its words: its state is none of
-- $2, or it was never erased.
update customers as c
set name = 'erased', phone = 'erased', email = null, address = null, erased_at = $3, erased_by = $4
where
    c.id = any($1::uuid[]) and not exists (
        select 1
        from field_jobs as f
        join matters as m on m.id = f.id
        where
            f.customer = c.id and not (
                m.state = any($2::text[]) and exists (
                    select 1 from matter_items as i
                    where i.matter = m.id and i.kind = 'fieldjob.erased'
                )
            )
    )
returning c.id

-- name: find_customers
-- Customers with that number, or all of them, newest first; nobody who was erased.
select id, name, phone, email, address, created_at
from customers
where erased_at is null and ($1::text is null or phone = $1)
order by created_at desc, id
limit $2
