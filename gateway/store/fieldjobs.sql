-- name: add_job
-- Whose job it is: a customer who is there, and was not erased; they stay so until this is written.
with whose as (
    select c.id from customers as c where c.id = $2 and c.erased_at is null
    for key share
)

insert into field_jobs (id, customer)
select $1, w.id from whose as w
returning id

-- name: add_survey
-- The one survey of a job.
insert into surveys (job, fingerprint, asked_at) values ($1, $2, $3)
on conflict (job) do nothing

-- name: job_of_survey
-- Which job a survey's link is about, and when it was asked.
select job, asked_at from surveys where fingerprint = $1
