-- name: add_customer
-- Somebody for whom technicians go out.
insert into customers (id, name, phone, email, address, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: customers_by_id
-- Customers by their ids.
select id, name, phone, email, address, created_at from customers where id = any($1::uuid[])

-- name: find_customers
-- Customers with that number, or all of them, newest first.
select id, name, phone, email, address, created_at
from customers
where ($1::text is null or phone = $1)
order by created_at desc, id
limit $2
