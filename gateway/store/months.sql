-- name: make_month
-- Make room for the month of a day in a table that is kept by the month; whether there was none yet.
select make_month($1, $2) as made
