-- Lists that people read go along an index in the order in which they are shown, and stop at what was asked for.
-- An account stands behind the order: whoever asks for one reads entries of the index, not rows.

create index messages_newest on messages (taken_at desc, account);
create index messages_undelivered on messages (taken_at desc, account) where state <> 'delivered';
create index messages_of_taker on messages (taken_by, taken_at desc);
drop index messages_by_taker;

create index jobs_open_by_class on jobs (priority, due_at, id, account)
where state not in ('completed', 'canceled', 'closed_leftover');
drop index jobs_open;
create index jobs_dropped on jobs (created_at desc, account) where state in ('canceled', 'closed_leftover');

create index attempts_calls on attempts (started_at desc, account) where method = 'call';

create index deliveries_posts on deliveries (state, created_at, id, account) where kind in ('claim', 'lead');

create index asides_proofs_open on asides ((aside -> 'proof' ->> 'at'), ucn, account)
where aside -> 'proof' ->> 'state' = 'open';
drop index asides_to_review;
create index asides_proofs_decided on asides ((aside -> 'proof' ->> 'decided_at') desc, ucn, account)
where aside -> 'proof' ->> 'state' <> 'open';

create index specials_pending on specials (posted_at, id, account) where state = 'pending';
drop index specials_to_review;
create index specials_reviewed on specials (reviewed_at desc, id, account) where state <> 'pending';

create index mistakes_of_ucn on mistakes (ucn);
create index mistakes_of_agent on mistakes (agent, entered_at desc, id);
