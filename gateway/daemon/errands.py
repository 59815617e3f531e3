"""Errands: calls to end, people to alert, cases to open, after the commit that asked."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

import structlog

from adapters.twilio import voice
from adapters.twilio.errors import CALL_ENDED
from adapters.wire import Accepted, Refused, Unsure
from gateway.daemon.alerting import Alerting
from gateway.daemon.fieldjobs import open_field_job
from gateway.daemon.perform import Performer, Wires
from gateway.domain.attempts import UNSURE_AFTER
from gateway.domain.change import ErrandKind, Look
from gateway.domain.events import LinkUnopened, ParkWaits, Progress, VoicemailLeft
from gateway.domain.script import voicemail_speech
from gateway.store import dispatch_cases, links
from gateway.store.desk import Desk
from gateway.store.fieldjobs import NoCustomerError
from gateway.store.jobs import (
    DueErrand,
    Standing,
    done_errand,
    postpone_errand,
    standing_of,
)
from gateway.store.parties import tell

_log = structlog.get_logger(__name__)
_SOON = timedelta(seconds=2)
# A call whose end is not known by then ended by its own limits, by whatever clock.
_GIVE_UP = timedelta(minutes=30)
# While the carrier cannot say how such a call stands: the phone is taken until it can.
_ASK_AGAIN = timedelta(seconds=15)
_TRIES = 12
# The carrier tells at once that a call has ended; by then it has failed to.
_HEARD_BY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Errands:
    """Performs due errands; each may be repeated without harm."""

    wires: Wires
    alerting: Alerting
    desk: Desk
    performer: Performer

    async def run(self, due: DueErrand) -> None:
        """Perform one errand and forget it, or put it off."""
        done = await self._do(due)
        if isinstance(done, datetime):
            async with self.desk.pool.acquire() as conn:
                await postpone_errand(conn, due.errand.id, done)
            return
        given_up = not done and due.tries >= _TRIES
        if given_up and due.errand.kind is ErrandKind.VOICEMAIL and due.key and due.errand.attempt:
            await self._voicemail_left(due.errand.attempt, done=False)
        async with self.desk.pool.acquire() as conn:
            if done or given_up:
                await done_errand(conn, due.errand.id)
            else:
                now = self.desk.clock.now()
                await postpone_errand(conn, due.errand.id, now + _SOON * due.tries)

    async def _do(self, due: DueErrand) -> bool | datetime:
        """Do what an errand asks; False when it must be tried again, or the instant for that."""
        work: Awaitable[bool | datetime]
        match due.errand.kind:
            case ErrandKind.HANG_UP:
                work = self._hang_up(due)
            case ErrandKind.VOICEMAIL:
                work = self._voicemail(due)
            case ErrandKind.ALERT:
                work = self._ring(due)
            case ErrandKind.LINK_CHECK:
                work = self._check_link(due)
            case ErrandKind.PARK_CHECK:
                work = self._check_park(due)
            case ErrandKind.FIELD_JOB:
                work = self._open_field_job(due)
            case ErrandKind.CASE:
                work = self._open_case(due)
            case _:
                assert_never(due.errand.kind)
        return await work

    async def _ring(self, due: DueErrand) -> bool | datetime:
        return await self.alerting.ring(due) or True

    async def _open_case(self, due: DueErrand) -> bool:
        await dispatch_cases.follow(self.desk, self.performer.chance, due)
        return True

    async def _standing(self, due: DueErrand) -> Standing | None:
        if due.errand.attempt is None:
            return None
        async with self.desk.pool.acquire() as conn:
            return await standing_of(conn, due.errand.attempt)

    async def _hang_up(self, due: DueErrand) -> bool | datetime:
        """End a call, and see to it that its end is heard of: until then it has the phone.

        One whose SID is not known yet is looked for, and ended when it is. A call goes on while
        another of its messages waits for somebody: that one asks how it goes, as soon as it has a
        name to ask by, and then all hear of its end.
        """
        standing, attempt = await self._standing(due), due.errand.attempt
        if standing is None or attempt is None or standing.over:
            return True
        if standing.sid is None:
            return await self._find(due, standing)
        if standing.needed:
            return due.tries >= _TRIES or self.desk.clock.now() + _HEARD_BY
        answer = await self.wires.carriers.of(standing.sender).hang_up(standing.sid)
        if isinstance(answer, Refused) and answer.code == CALL_ENDED:
            ended = Progress(attempt, standing.sid, "completed")
            await tell(self.desk, self.performer.chance, attempt, ended)
            return True
        first: bool | datetime = False
        if not isinstance(answer, Unsure) and not (isinstance(answer, Refused) and answer.again):
            # It had its time to tell, or did not end it; not every carrier says 21220.
            if (due.tries > 1 or isinstance(answer, Refused)) and await self._ask(due):
                return True
            first = self.desk.clock.now() + _HEARD_BY
        return self._once_more(due, standing, first=first)

    def _once_more(
        self, due: DueErrand, standing: Standing, *, first: bool | datetime
    ) -> bool | datetime:
        """Tell when to come again for a call's end: `first` for a while, and then until it is over.

        Nobody can be called on that phone before the end is known, or the phone's hold is over.
        """
        if due.tries < _TRIES:
            return first
        if due.tries == _TRIES and standing.sid:
            _log.warning("end of a call not heard of", action="hang_up.failed")
        now = self.desk.clock.now()
        return now + _ASK_AGAIN if now - standing.started_at < _GIVE_UP else True

    async def _ask(self, due: DueErrand) -> bool:
        """Ask how a call stands; True when its end is known then."""
        standing, attempt, key = await self._standing(due), due.errand.attempt, due.key
        if standing is None or attempt is None or key is None:
            return True
        to, sender, at = standing.address, standing.sender, standing.started_at
        look = Look(attempt, "call", to, sender, standing.sid, at, shared=True)
        await self.performer.look(key, look)
        standing = await self._standing(due)
        return standing is None or standing.over

    async def _find(self, due: DueErrand, standing: Standing) -> bool | datetime:
        """Look for a call that was canceled, in case the carrier has it; nobody else does.

        It is asked until it can say, as others wait for the phone; then the call is over, or its
        SID known. One that seems to be of the future is from before the clock was set back.
        """
        age = self.desk.clock.now() - standing.started_at
        if not timedelta(0) <= age < UNSURE_AFTER and await self._ask(due):
            return True
        return self._once_more(due, standing, first=False)

    async def _voicemail(self, due: DueErrand) -> bool:
        """Put the voicemail's words on the line, then record what came of it."""
        standing, key, attempt = await self._standing(due), due.key, due.errand.attempt
        if standing is None or standing.sid is None or key is None or attempt is None:
            return standing is None
        async with self.desk.pool.acquire() as conn:
            state = (await self.desk.states.of(conn, [key])).get(key)
        if state is None:
            return True
        words = voice.Tell(voicemail_speech(state, attempt))
        answer = await self.wires.carriers.of(standing.sender).say(
            standing.sid, voice.render(words)
        )
        left = isinstance(answer, Accepted)
        again = isinstance(answer, Refused) and answer.again and due.tries < _TRIES
        if not again:
            await self._voicemail_left(attempt, done=left)
        return not again

    async def _voicemail_left(self, attempt: UUID, *, done: bool) -> None:
        """Tell all the messages of a call what became of its voicemail."""
        await tell(self.desk, self.performer.chance, attempt, VoicemailLeft(attempt, done))

    async def _check_link(self, due: DueErrand) -> bool:
        attempt, key = due.errand.attempt, due.key
        if attempt is None or key is None:
            return True
        async with self.desk.pool.acquire() as conn:
            opened = await links.opened(conn, attempt)
        if not opened:
            await self.performer.absorb(key, LinkUnopened(attempt))
        return True

    async def _open_field_job(self, due: DueErrand) -> bool:
        if due.key is None:
            return True
        contact = (due.errand.payload or {})["contact"]
        try:
            await open_field_job(self.desk, self.performer.chance, due.key, contact)
        except NoCustomerError:
            return False  # erased between the look-up and the job: they are written down anew
        return True

    async def _check_park(self, due: DueErrand) -> bool:
        if due.key is not None:
            seq = int((due.errand.payload or {})["seq"])
            await self.performer.absorb(due.key, ParkWaits(seq))
        return True
