-- The key press whose PIN was counted last for a phone (attempt and step), so that two webhooks of it in
-- one instant are one guess; and since when a phone takes no texts, however often it said so since.
alter table phones add column pin_guess_of text;
alter table phones add column opted_out_since timestamptz;
