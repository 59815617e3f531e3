-- Where the recording of the call stands on which a message was taken. The address is handed out to those who may listen,
-- and stands in no history, so that it can be erased.
create table recordings (
    account text not null,
    month date not null,
    ucn text not null,
    url text not null,
    primary key (account, month, ucn)
);
