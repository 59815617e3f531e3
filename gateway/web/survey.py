"""Surveys: a page for the customer of a completed job; GET changes nothing, POST answers once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gateway.domain import receipts
from gateway.domain.deeds import RefusedError
from gateway.domain.fieldjob_deeds import FIELDJOBS, answered
from gateway.domain.fieldjobs import FieldJob
from gateway.domain.matters import Matter, Written
from gateway.store import fieldjobs, matters
from gateway.store.matters import Hand
from gateway.web import secure_page, survey_page
from gateway.web.fieldjob_moves import business_of
from gateway.web.pace import Pace
from gateway.web.parts import Parts

LASTS: Final = timedelta(days=30)
_LARGEST: Final = 10_000
_LONGEST: Final = 2_000
_ASKED, _MISSED, _MINUTE = 30, 30, 60.0


@dataclass(frozen=True, slots=True)
class SurveyDoor:
    """Serves `/s/{token}`."""

    parts: Parts
    asked: Pace = field(default_factory=lambda: Pace(_ASKED, _MINUTE))
    missed: Pace = field(default_factory=lambda: Pace(_MISSED, _MINUTE))

    def routes(self) -> list[Route]:
        """The two routes."""
        path = "/s/{token}"
        return [
            Route(path, self.show, methods=["GET"], name="survey_show"),
            Route(path, self.answer, methods=["POST"], name="survey_answer"),
        ]

    async def show(self, request: Request) -> HTMLResponse:
        """Ask the customer, who sees nothing of the job (S1-29)."""
        job = await self._find(request.path_params["token"])
        if (refusal := self._refused(request, job)) is not None or job is None:
            return refusal or _html(secure_page.gone(), 404)
        if job.facts.survey_rating is not None:
            return _html(survey_page.thanks())
        async with self.parts.desk.pool.acquire() as conn:
            return _html(survey_page.question(await business_of(conn, job.facts)))

    async def answer(self, request: Request) -> HTMLResponse:
        """Take the customer's answer, the first one."""
        job = await self._find(request.path_params["token"])
        if (refusal := self._refused(request, job)) is not None or job is None:
            return refusal or _html(secure_page.gone(), 404)
        given = await _given(request)
        if given is None:
            return _html(survey_page.incomplete(), 422)
        await self._note(job.id, *given)
        return _html(survey_page.thanks())

    async def _note(self, job: UUID, rating: int, words: str | None) -> None:
        """Write the answer down; of two the first one stays."""
        parts = self.parts
        hand = Hand("customer", parts.clock.now(), parts.chance, parts.desk.rates)

        def verb(facts: FieldJob) -> Written[FieldJob]:
            return answered(facts, rating, words)

        try:
            async with parts.desk.pool.acquire() as conn:
                await matters.decide(conn, FIELDJOBS, job, verb, hand)
        except RefusedError:
            return

    async def _find(self, token: str) -> Matter[FieldJob] | None:
        if not receipts.well_formed(token):
            return None
        async with self.parts.desk.pool.acquire() as conn:
            found = await fieldjobs.of_survey(conn, receipts.fingerprint(token))
            if found is None or self.parts.clock.now() - found[1] >= LASTS:
                return None
            return await matters.find(conn, FIELDJOBS, found[0])

    def _refused(self, request: Request, job: Matter[FieldJob] | None) -> HTMLResponse | None:
        """Refuse who asks for one link, or from one address for none, too often."""
        now = self.parts.clock.monotonic()
        if job is not None:
            allowed = self.asked.allows(str(job.id), now)
        else:
            allowed = self.missed.allows(request.client.host if request.client else "", now)
        return None if allowed else _html(secure_page.too_often(), 429)


async def _given(request: Request) -> tuple[int, str | None] | None:
    """Return the rating and the words of the form; None for what is no answer."""
    if int(request.headers.get("content-length") or 0) > _LARGEST:
        return None
    form = await request.form(max_files=0, max_fields=4, max_part_size=_LARGEST)
    rating, words = form.get(survey_page.RATING), form.get(survey_page.COMMENT)
    if not isinstance(rating, str) or rating not in {"1", "2", "3", "4", "5"}:
        return None
    kept = words.replace("\x00", "").strip()[:_LONGEST] if isinstance(words, str) else ""
    return int(rating), kept or None


def _html(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(body, status, headers=dict(secure_page.HEADERS))
