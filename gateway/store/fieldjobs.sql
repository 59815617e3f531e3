-- name: add_job
-- Whose job it is: a customer who is there.
insert into field_jobs (id, customer) values ($1, $2)

-- name: add_survey
-- The one survey of a job.
insert into surveys (job, fingerprint, asked_at) values ($1, $2, $3)
on conflict (job) do nothing

-- name: job_of_survey
-- Which job a survey's link is about, and when it was asked.
select job, asked_at from surveys where fingerprint = $1
