-- Our statements ask for rows by their keys, with plans that hang on no estimate. What is left to
-- estimate (the lists that people read) needs few samples, and texts that nothing is searched by
-- need none: measuring them cost a storm as much as writing it did.

alter table messages
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column priority set statistics 10,
    alter column form set statistics 10,
    alter column taken_by set statistics 0,
    alter column taken_at set statistics 10,
    alter column state set statistics 10,
    alter column evidence set statistics 10,
    alter column delivered_to set statistics 0,
    alter column delivered_at set statistics 10,
    alter column sent set statistics 10,
    alter column head_seq set statistics 10,
    alter column head_hash set statistics 0;

alter table message_words
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column content set statistics 0;

alter table jobs
    alter column id set statistics 10,
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column priority set statistics 10,
    alter column source set statistics 10,
    alter column state set statistics 10,
    alter column created_at set statistics 10,
    alter column due_at set statistics 10,
    alter column next_at set statistics 10,
    alter column cue_at set statistics 10,
    alter column reason set statistics 0,
    alter column waits_for set statistics 10,
    alter column owner set statistics 0,
    alter column target set statistics 0,
    alter column active_seconds set statistics 10,
    alter column round set statistics 0,
    alter column version set statistics 10,
    alter column fence set statistics 10,
    alter column lease_owner set statistics 10,
    alter column lease_until set statistics 10,
    alter column request set statistics 0;

alter table attempts
    alter column id set statistics 10,
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column job set statistics 10,
    alter column round set statistics 0,
    alter column slot set statistics 0,
    alter column contact set statistics 10,
    alter column address set statistics 10,
    alter column method set statistics 10,
    alter column source set statistics 10,
    alter column state set statistics 10,
    alter column stage set statistics 0,
    alter column step set statistics 0,
    alter column tries set statistics 0,
    alter column started_at set statistics 10,
    alter column check_at set statistics 10,
    alter column answered_at set statistics 0,
    alter column stage_at set statistics 0,
    alter column holds_until set statistics 0,
    alter column outcome set statistics 10,
    alter column ended_at set statistics 10,
    alter column sender set statistics 0,
    alter column sid set statistics 10,
    alter column code set statistics 0,
    alter column prefetches set statistics 0;

alter table history
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column seq set statistics 10,
    alter column at set statistics 0,
    alter column kind set statistics 0,
    alter column item set statistics 0,
    alter column hash set statistics 0;

alter table history_words
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column seq set statistics 10,
    alter column salt set statistics 0,
    alter column words set statistics 0;

alter table reply_codes
    alter column phone set statistics 10,
    alter column code set statistics 10,
    alter column account set statistics 10,
    alter column month set statistics 10,
    alter column ucn set statistics 10,
    alter column contact set statistics 10,
    alter column issued_at set statistics 10,
    alter column closed_at set statistics 10;

alter table ucns
    alter column ucn set statistics 10,
    alter column account set statistics 10,
    alter column month set statistics 10;
