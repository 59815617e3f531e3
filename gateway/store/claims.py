"""Claims: what a change must have to itself before it may be written: phone, code, day, token."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.domain.change import CallOut, Change, CodeClaim, TextOut, Wire
from gateway.store.parts import code_rows
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rates import Rates
from gateway.store.together import alike, companions
from gateway.store.verdicts import STALE, CodeTaken, PhoneTaken, Stale, Verdict, Written

CODE_RESTS = timedelta(hours=24)
_queries = load("changes")


# Whose tokens a wire request takes.
_CHANNELS: Final[Mapping[type, str]] = {CallOut: "call", TextOut: "text"}
_Free = Mapping[str, Mapping[str, datetime]]  # a channel's numbers, and when each is free
_WRITTEN: Final = Written()


def channel_of(wire: Wire | None) -> str | None:
    """Return whose tokens a wire request takes: call, text or none."""
    return _CHANNELS.get(type(wire))


class Claims:
    """Takes the claims of a batch of changes in one transaction, in a fixed order of locks."""

    def __init__(self, conn: Connection, now: datetime, rates: Rates) -> None:
        self._conn = conn
        self._now = now
        self._rates = rates
        self._free: _Free = {}
        self._after: _Free = {}
        self._mine: set[tuple[int, str]] = set()

    async def take(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        """Return a verdict for each change; those refused leave no claim behind."""
        verdicts = alike(changes, await self.grant(changes))
        left = {n: c for n, c in changes.items() if isinstance(verdicts[n], Written)}
        refused = companions(left, await self.refused(left))
        if refused:
            left = {n: change for n, change in left.items() if n not in refused}
            verdicts |= refused | self._granted(left)
            await self._give_back({n: c for n, c in changes.items() if n not in left})
        await self._spend()
        return verdicts

    async def grant(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        """Give each call and text a sending number, as far as there are tokens."""
        self._free = await self._free_at({channel_of(c.wire) for c in changes.values()} - {None})
        return self._granted(changes)

    async def refused(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        """Take all that changes need besides; return the verdicts of those that do not get it."""
        refused: dict[int, Verdict] = {}
        for claim in (self._clear, self._held, self._phones, self._codes, self._days):
            lost = await claim(changes)
            if lost:
                refused |= lost
                changes = {n: change for n, change in changes.items() if n not in lost}
        return refused

    async def _clear(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        """Nobody who opted out or whose number was suspended meanwhile is reached."""
        wires = {n: c.wire for n, c in changes.items() if isinstance(c.wire, CallOut | TextOut)}
        if not wires:
            return {}
        phones = " ".join([wire.to for wire in wires.values()])
        rows = await self._conn.fetch(_queries.flagged_phones, phones)
        flags = {phone: (opted_out, suspended) for phone, opted_out, suspended in rows}
        if not flags:
            return {}
        return {
            n: STALE
            for n, wire in wires.items()
            if (flag := flags.get(wire.to)) and (flag[1] or (flag[0] and isinstance(wire, TextOut)))
        }

    async def _held(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        """Who wants to wait for a phone may do so only while it is taken."""
        phones = {n: c.waits_for for n, c in changes.items() if c.waits_for}
        if not phones:
            return {}
        taken = await self._taken([*phones.values()])
        return {n: Stale() for n, phone in phones.items() if phone not in taken}

    async def _taken(self, phones: Sequence[str | None]) -> dict[str, datetime]:
        rows = await self._conn.fetch(_queries.taken_phones, phones, self._now)
        return {row["phone"]: row["expires_at"] for row in rows}

    async def _phones(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        calls: dict[str, tuple[int, UUID, datetime]] = {}
        refused: dict[int, Verdict] = {}
        for n, change in changes.items():
            if change.call_until and isinstance(change.wire, CallOut):
                claim = (n, change.wire.attempt, change.call_until)
                if calls.setdefault(change.wire.to, claim) is not claim:
                    refused[n] = PhoneTaken(change.wire.to, change.call_until)
        if not calls:
            return refused
        ids, untils = [c[1] for c in calls.values()], [c[2] for c in calls.values()]
        rows = await self._conn.fetch(_queries.claim_phones, [*calls], ids, untils, self._now)
        lost = set(calls) - {row["phone"] for row in rows}
        self._mine |= {(claim[0], "phone") for phone, claim in calls.items() if phone not in lost}
        until = await self._taken([*lost]) if lost else {}
        for phone in lost:
            held = until.get(phone)
            refused[calls[phone][0]] = PhoneTaken(phone, held) if held else Stale()
        return refused

    async def _codes(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        wanted = {n: (c, c.code) for n, c in changes.items() if c.code is not None}
        if not wanted:
            return {}
        given = await self._given(wanted)
        if len(given) < len(wanted):
            # A code that rested long enough may not have been swept away yet.
            lost = {n: claim for n, claim in wanted.items() if n not in given}
            rested = [code.phone for _, code in lost.values()], self._now - CODE_RESTS
            await self._conn.execute(_queries.forget_codes, *rested)
            given |= await self._given(lost)
        self._mine |= {(n, "code") for n in given}
        return {n: CodeTaken(code.phone) for n, (_, code) in wanted.items() if n not in given}

    async def _given(self, wanted: Mapping[int, tuple[Change, CodeClaim]]) -> set[int]:
        """Give codes; answers whose were free."""
        claims = code_rows([change for change, _ in wanted.values()], self._now)
        rows = await self._conn.fetch(_queries.claim_codes, claims)
        if len(rows) == len(wanted):
            return set(wanted)
        given = {tuple(row) for row in rows}
        return {
            n for n, (change, c) in wanted.items() if (c.phone, c.code, change.key.ucn) in given
        }

    async def _days(self, changes: Mapping[int, Change]) -> dict[int, Verdict]:
        first: dict[tuple[str, date], int] = {}
        refused: dict[int, Verdict] = {}
        for n, change in changes.items():
            if change.blank_day and first.setdefault((change.key[0], change.blank_day), n) != n:
                refused[n] = Stale()
        if first:
            columns = [list(column) for column in zip(*first, strict=True)]
            rows = await self._conn.fetch(_queries.claim_blank_days, *columns)
            mine = {(row["account"], row["day"]) for row in rows}
            refused |= {n: Stale() for day, n in first.items() if day not in mine}
            self._mine |= {(n, "day") for day, n in first.items() if day in mine}
        return refused

    async def _free_at(self, channels: set[str | None]) -> _Free:
        """Lock the sending numbers that have a limit; the others are free at any time."""
        free = {
            channel: dict.fromkeys(self._rates.numbers.get(channel, ()), self._now)
            for channel in sorted(c for c in channels if c)
        }
        limited = [channel for channel in free if free[channel] and self._rates.limits(channel)]
        if limited:
            for row in await self._senders({(n, c) for c in limited for n in free[c]}):
                if row["number"] in free[row["channel"]]:
                    free[row["channel"]][row["number"]] = row["free_at"]
        return free

    async def _senders(self, wanted: set[tuple[str, str]]) -> Sequence[Record]:
        """Lock these numbers' rows; one that is used for the first time gets its row now."""
        channels = sorted({channel for _, channel in wanted})
        rows = await self._conn.fetch(_queries.lock_senders, channels)
        missing = wanted - {(row["number"], row["channel"]) for row in rows}
        if missing:
            columns = [list(column) for column in zip(*missing, strict=True)]
            await self._conn.execute(_queries.add_senders, *columns, self._now)
            rows = await self._conn.fetch(_queries.lock_senders, channels)
        return rows

    def _granted(self, left: Mapping[int, Change]) -> dict[int, Verdict]:
        """Share the tokens out, the most urgent first (S3-10).

        Done before anything else is claimed, and again when somebody was refused after that.
        """
        idle = {c: Written(next(iter(numbers))) for c, numbers in self._free.items() if numbers}
        limited = {
            c: self._rates.rested(c, numbers, self._now)
            for c, numbers in self._free.items()
            if self._rates.limits(c)
        }
        self._after = limited
        order: Iterable[int] = left
        if limited:
            order = sorted(left, key=lambda n: min((j.priority for j in left[n].jobs), default=9))
        verdicts: dict[int, Verdict] = {}
        for n in order:
            channel = channel_of(left[n].wire)
            if channel is None:
                verdicts[n] = _WRITTEN
            elif channel in limited:
                verdicts[n] = self._rates.token(channel, limited[channel], self._now)
            else:
                verdicts[n] = idle[channel]
        return verdicts

    async def _spend(self) -> None:
        """Take the tokens that were granted."""
        rows = [
            (number, channel, at)
            for channel, numbers in self._after.items()
            for number, at in numbers.items()
            if at != self._free[channel][number]
        ]
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await self._conn.execute(_queries.spend_senders, *columns)

    async def _give_back(self, refused: Mapping[int, Change]) -> None:
        """Take back what a refused change had claimed before it was refused, and only that."""
        mine = self._mine
        wires = [c.wire for n, c in refused.items() if (n, "phone") in mine]
        calls = [wire.attempt for wire in wires if isinstance(wire, CallOut)]
        if calls:
            await self._conn.execute(_queries.drop_phones, calls)
        with_code = [c for n, c in refused.items() if (n, "code") in mine]
        codes = [(c.code.phone, c.code.code, c.key.ucn) for c in with_code if c.code]
        if codes:
            columns = [list(column) for column in zip(*codes, strict=True)]
            await self._conn.execute(_queries.drop_codes, *columns)
        days = [(c.key.account, c.blank_day) for n, c in refused.items() if (n, "day") in mine]
        if days:
            columns = [list(column) for column in zip(*days, strict=True)]
            await self._conn.execute(_queries.drop_blank_days, *columns)
