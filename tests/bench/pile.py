"""A pile of jobs: one real message, taken as all are, and as many copies of its rows as wanted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tests.bench.street import Bench

_AT_ONCE: Final = 100_000
_COPIES: Final = """
with template as (select * from messages where ucn = $1),
fresh as materialized (
    select
        ($2::text[])[1 + n % cardinality($2::text[])] as account, 'P' || n as ucn,
        $5::timestamptz + n * ($6::timestamptz - $5::timestamptz) / ($3::bigint + $7::bigint) as due
    from generate_series($7::bigint, $7::bigint + $3::bigint - 1) as n
),
known as (
    insert into ucns (ucn, account, month)
    select f.ucn, f.account, t.month from fresh as f, template as t
),
taken as (
    insert into messages (
        account, month, ucn, priority, taken_by, taken_at, state, head_seq, head_hash
    )
    select f.account, t.month, f.ucn, $4, t.taken_by, t.taken_at, t.state, t.head_seq, t.head_hash
    from fresh as f, template as t
),
worded as (
    insert into message_words (account, month, ucn, content)
    select f.account, w.month, f.ucn, w.content
    from fresh as f join message_words as w on w.ucn = $1
)
insert into jobs (id, account, month, ucn, priority, source, state, created_at, due_at, next_at)
select
    gen_random_uuid(), f.account, j.month, f.ucn, $4, j.source, j.state, j.created_at, f.due, f.due
from fresh as f join jobs as j on j.ucn = $1
"""
_ROUTINE: Final = 2


async def pile(
    one: Bench, names: Sequence[str], many: int, due: tuple[datetime, datetime] | None = None
) -> None:
    """Pile up routine jobs of these accounts, evenly due within that span; without one, at once."""
    now = one.outside.clock.now()
    (taken,) = await one.town.taken(1, now)
    begins, ends = due or (now, now)
    for first in range(0, many, _AT_ONCE):
        some = min(_AT_ONCE, many - first)
        arguments = (taken.message.key.ucn, list(names), some, _ROUTINE, begins, ends, first)
        await one.conn.execute(_COPIES, *arguments)
    await one.conn.execute("update jobs set next_at = null where ucn = $1", taken.message.key.ucn)
    await one.conn.execute("vacuum analyze jobs")
