-- What people have set aside of a message for others: a park, a review by the account
-- manager. Few messages have any.

create table asides (
    account text not null,
    month date not null,
    ucn text not null,
    aside jsonb not null,
    primary key (account, month, ucn)
);
create index asides_parked on asides (account) where aside ? 'park';
create index asides_flagged on asides (account) where aside ? 'review';

-- what a resend is to send, and where; its own id tells it from a repeat
alter table jobs add column request jsonb;
