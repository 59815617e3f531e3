"""Proofreading over HTTP, in shapes: edits, reviews, findings, and the audit of a message."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from adapters import dictionary
from gateway.domain.accounts import Account
from gateway.domain.aside import Finding, Proof
from gateway.domain.deeds import Amendment, EditMessage
from gateway.domain.history import stamp
from gateway.domain.lint import SPELLING, look_at_special
from gateway.store import specials
from gateway.store.messages import Shown
from gateway.store.specials import Posted
from gateway.web import spelling
from gateway.web.shapes import Caller, Line, Said, Shape, Words
from gateway.web.spelling import Meant, words_at
from gateway.web.views import Json, MessageView, View, instant, message_view

ReviewState = Literal["open", "approved", "fixed", "waived", "rejected"]
ReviewKind = Literal["message", "special"]
FindingClass = Literal[
    "SPELLING", "PROTOCOL", "MISSING_INFO", "INCOMPLETE_SENTENCE",
    "PHONE_FORMAT", "EMAIL_FORMAT", "ALL_CAPS",
]  # fmt: skip
_AMENDED = {"additionalProperties": False}
Accounts = Mapping[str, Account]


class Edit(Shape):
    """What to put in place of what was taken; what is left out stays."""

    text: Said | None = None
    form: Line | None = None
    caller: Caller | None = None
    fields: Annotated[
        dict[Line, Words | None],
        Field(
            default_factory=dict,
            max_length=200,
            json_schema_extra=_AMENDED,
            description="Put over those that stand; null takes one out.",
        ),
    ]

    @property
    def changes(self) -> bool:
        """Tell whether anything is to change."""
        return bool(self.text or self.form or self.caller or self.fields)

    def deed(self) -> EditMessage:
        """Return it as the domain takes it in."""
        caller = self.caller or Caller()
        amendment = Amendment(self.text, self.form, caller.name, caller.phone, self.fields)
        return EditMessage(amendment, dictionary.unknown)


class Verdict(Shape):
    """Words about why; for inside only."""

    note: Said | None = None


class Fix(Edit):
    """An edit that ends a review."""

    note: Said | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.changes:
            raise ValueError("a fix changes something: text, form, caller or fields")
        return self


class FindingView(View):
    """Something found: its class and place; for a place in the text the words that stand there.

    `suggestions` are what a misspelt word may have meant; a long list has them for its first words.
    """

    kind: FindingClass = Field(alias="class")
    place: str
    words: str | None
    suggestions: list[str]


class ReviewView(View):
    """A review of a message's or a special's words."""

    id: str
    kind: ReviewKind
    account: str
    ucn: str | None
    state: ReviewState
    opened_at: str | None
    findings: list[FindingView]
    reviewed_by: str | None
    reviewed_at: str | None
    taken_by: str
    was_auto_dispatched: bool | None
    text: str | None


class ReviewOf(View):
    """A message's review, in brief."""

    id: str
    state: ReviewState
    opened_at: str
    findings: list[FindingView]
    reviewed_at: str | None


class AuditedView(MessageView):
    """A message with who is answerable for it (S3-42) and its review, if anything was found."""

    was_auto_dispatched: bool
    dispatched_by: list[str]
    reviewed_by: str | None
    review: ReviewOf | None


async def audited(shown: Shown) -> Json:
    """Show a message with its audit and its review."""
    return (await audited_list([shown]))[0]


async def audited_list(many: Sequence[Shown]) -> list[Json]:
    """Show messages with their audits and reviews."""
    meant = await spelling.meant(spelling.misspelt_in(many))
    return [_audited(shown, meant) for shown in many]


def _audited(shown: Shown, meant: Meant) -> Json:
    proof = shown.message.aside.proof
    return {
        **message_view(shown),
        "was_auto_dispatched": shown.audit.auto,
        "dispatched_by": list(shown.audit.by),
        "reviewed_by": proof.by if proof else None,
        "review": _brief(shown, proof, meant) if proof else None,
    }


def _brief(shown: Shown, proof: Proof, meant: Meant) -> Json:
    text = shown.content.text if shown.content else None
    return {
        "id": proof.id,
        "state": proof.state,
        "opened_at": stamp(proof.at),
        "findings": _findings(proof.found, text, meant),
        "reviewed_at": instant(proof.decided_at),
    }


async def message_reviews(many: Sequence[Shown]) -> list[Json]:
    """Show the reviews of messages; those that have none are left out."""
    meant = await spelling.meant(spelling.misspelt_in(many))
    reviewed = [(one, one.message.aside.proof) for one in many]
    return [_message_review(one, proof, meant) for one, proof in reviewed if proof]


def _message_review(shown: Shown, proof: Proof, meant: Meant) -> Json:
    m = shown.message
    text = shown.content.text if shown.content else None
    return {
        "id": proof.id,
        "kind": "message",
        "account": m.key.account,
        "ucn": m.key.ucn,
        "state": proof.state,
        "opened_at": stamp(proof.at),
        "findings": _findings(proof.found, text, meant),
        "reviewed_by": proof.by,
        "reviewed_at": instant(proof.decided_at),
        "taken_by": m.taken_by,
        "was_auto_dispatched": shown.audit.auto,
        "text": text,
    }


async def special_reviews(many: Sequence[tuple[str, Posted]], known: Accounts) -> list[Json]:
    """Show the reviews of specials, each with its account's number (S3-77).

    Their words are looked over like a message's, unless the account is gone.
    """
    found = [_look(posted.special.text, known.get(number)) for number, posted in many]
    texts = [posted.special.text for _, posted in many]
    words = (spelling.misspelt(*one) for one in zip(found, texts, strict=True))
    meant = await spelling.meant(chain.from_iterable(words))
    pairs = zip(many, found, strict=True)
    return [_special_review(*one, _findings(of, one[1].special.text, meant)) for one, of in pairs]


def _look(text: str, account: Account | None) -> tuple[Finding, ...]:
    return look_at_special(text, account, dictionary.unknown) if account else ()


def _special_review(number: str, one: Posted, findings: list[Json]) -> Json:
    special = one.special
    return {
        "id": special.id,
        "kind": "special",
        "account": number,
        "ucn": None,
        "state": "open" if one.state == specials.PENDING else one.state,
        "opened_at": instant(one.posted_at),
        "findings": findings,
        "reviewed_by": one.reviewed_by,
        "reviewed_at": instant(one.reviewed_at),
        "taken_by": one.posted_by,
        "was_auto_dispatched": None,
        "text": special.text,
    }


def _findings(found: Iterable[Finding], text: str | None, meant: Meant) -> list[Json]:
    return [_finding(one, words_at(one, text), meant) for one in found]


def _finding(one: Finding, words: str | None, meant: Meant) -> dict[str, Any]:
    suggested = meant.get(words.lower(), ()) if words and one.kind == SPELLING else ()
    return {
        "class": one.kind,
        "place": one.place,
        "words": words,
        "suggestions": list(suggested),
    }
