-- Calls to us that somebody may still be on, for a process that is told to end.
create index attempts_inbound on attempts (started_at) where method = 'inbound' and outcome is null;

-- Calls to be ended and voicemails to be spoken are found behind however many alerts.
create index errands_urgent on errands (next_at, id) where kind <> 'alert';
