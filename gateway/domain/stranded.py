"""Stranded jobs: what cannot be planned is held for a lead, never tried again and again (S3-33)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.draft import Draft
from gateway.domain.jobs import MESSAGE_MISSING, Job
from gateway.domain.rounds import about, hold
from gateway.domain.state import State
from gateway.domain.wording import alerts

PLAN_FAILED: Final = "plan_failed"


def hold_unplanned(state: State, job_id: UUID, now: datetime, chance: Chance) -> Change:
    """Hold a job whose next step cannot be decided, as that failed; people can still work it."""
    draft = Draft(state, now, chance)
    draft.document = state.document
    job = draft.job(job_id)._replace(owner=None, waits_for=None)
    hold(draft, job, PLAN_FAILED, "The next step of this job cannot be decided.")
    return draft.sealed()


def missing_message(job: Job) -> str:
    """Word the alert about a job whose message is not there; it has no history to say so in."""
    return alerts.held(about(job), MESSAGE_MISSING)
