-- name: make_month
-- Make room for the month of a day in a table that is kept by the month; whether there was none yet.
select make_month($1, $2) as made

-- name: months_away
-- The months whose partitions an operator has put away.
select month from months_away order by month
