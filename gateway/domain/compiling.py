"""From the document's parts to the frozen rules that answer in microseconds."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain import document_models as doc
from gateway.domain import document_schedules as plan
from gateway.domain.accounts import Account, Form, FormJob, NoticeRules, Office
from gateway.domain.compiling_deliveries import delivery_rules
from gateway.domain.contacts import Consent, Contact, PhoneLimit
from gateway.domain.protocols import DEFAULT_PROTOCOL, Applies, Protocol, Step
from gateway.domain.specials import Special, id_in_document, plain
from schedules import overrides, rotation, shifts
from schedules.hours import Holidays, Hours, calendar
from schedules.lines import Line, Post, Span, span, span_words
from schedules.roster import Crew, Schedule, Temporary
from schedules.unavailability import Absence, by_contact
from schedules.walltime import first_instant, last_instant, words, zone_of
from schedules.week_time import parse_week_time
from schedules.windows import Weekly, parse_daily, parse_weekly

# What a form of a kind asks for where it does not say so itself (S3-41).
USUAL_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"hvac": ("address", "callback_number")}
)


def build(document: doc.AccountDocument) -> Account:
    """Return the compiled account of a document that has passed its checks."""
    zone = zone_of(document.timezone)
    known = document.contacts.keys()
    schedules = {each.name: _schedule(each, zone, known) for each in document.schedules}
    return Account(
        account=document.account,
        name=document.name,
        zone=zone,
        phi=document.phi,
        contacts={key: _contact(key, each) for key, each in document.contacts.items()},
        schedules=schedules,
        crew=_crew(document, zone),
        protocols=tuple(_protocol(each) for each in document.protocols),
        forms={name: _form(name, each) for name, each in document.forms.items()},
        office=_office(document.office, zone),
        notices=_notices(document.notices),
        retention=document.retention,
        names={name.casefold(): name for name in schedules},
        specials=tuple(_special(document.account, each, zone) for each in document.specials),
        words=frozenset(word for each in document.words for word in each.casefold().split()),
        deliveries=delivery_rules(document.deliveries),
    )


def span_of(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> Span:
    """Return the span of a document's part."""
    return span(start, end, zone)


def override_of(each: plan.Override, zone: ZoneInfo) -> overrides.Override:
    """Return the compiled override."""
    lasts = span(each.start, each.end, zone)
    if each.add is not None:
        return overrides.adding(lasts, each.add, Post(each.role or "oncall", each.status or "call"))
    if each.remove is not None:
        return overrides.removing(lasts, each.remove)
    if each.swap is not None:
        return overrides.swapping(lasts, each.swap[0], each.swap[1])
    return overrides.replacing(lasts, each.replace or "", each.substitute or "")


def _special(account: str, each: doc.Special, zone: ZoneInfo) -> Special:
    replace = each.effect.replace if each.effect else None
    hold = bool(each.effect and each.effect.hold)
    return Special(
        id=id_in_document(account, each.text, each.start, each.end, replace, hold),
        text=plain(each.text),
        start=first_instant(each.start, zone),
        end=last_instant(each.end, zone),
        replace=replace,
        hold=hold,
    )


def _crew(document: doc.AccountDocument, zone: ZoneInfo) -> Crew:
    permanent = tuple(
        Line(each.contact, "permanent", each.status, "permanent", f"permanent list, place {place}")
        for place, each in enumerate(document.permanent, 1)
    )
    inactive = frozenset(key for key, each in document.contacts.items() if not each.active)
    absences = _absences(document, zone)
    return Crew(zone, permanent, absences, inactive, inactive | absences.keys())


def _absences(document: doc.AccountDocument, zone: ZoneInfo) -> Mapping[str, tuple[Absence, ...]]:
    return by_contact(
        Absence(
            each.contact,
            shifts.When(span(each.start, each.end, zone), _weekly(each.weekly)),
            words(each.end) if each.end else None,
            each.reason,
        )
        for each in document.unavailable
    )


def _schedule(each: plan.Schedule, zone: ZoneInfo, known: Collection[str]) -> Schedule:
    # What came from a feed may name somebody who was taken out of the document since.
    fed = [one for one in each.feed.shifts if one.contact in known] if each.feed else []
    return Schedule(
        each.name,
        each.match,
        (*(_shift(shift, zone) for shift in each.shifts), *(_fed(one, zone) for one in fed)),
        tuple(override_of(override, zone) for override in each.overrides),
        tuple(_temporary(stand_in, zone) for stand_in in each.temporary),
    )


def _temporary(each: plan.Temporary, zone: ZoneInfo) -> Temporary:
    lasts = span(each.start, each.end, zone)
    return Temporary(lasts, tuple(_shift(shift, zone, lasts) for shift in each.shifts))


def _shift(each: plan.Shift, zone: ZoneInfo, stands_in: Span | None = None) -> shifts.Shift:
    post = Post(each.role, each.status, "temporary" if stands_in else "shift")
    prefix = f"temporary {stands_in.text}" if stands_in else ""
    if each.rotate and each.begin:
        when = shifts.When(_rotation_span(each, zone), _weekly(each.weekly))
        turns = _turns(each, each.begin, len(each.rotate))
        return shifts.rotating(tuple(each.rotate), shifts.Rule(post, when, prefix), turns)
    when = shifts.When(_shift_span(each, zone), _weekly(each.weekly))
    return shifts.fixed(each.contact or "", shifts.Rule(post, when, prefix))


def _fed(each: plan.FedShift, zone: ZoneInfo) -> shifts.Shift:
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (each.start, each.end))
    when = shifts.When(Span(each.start, each.end, span_words(start, end)))
    return shifts.fixed(each.contact, shifts.Rule(Post(each.role, each.status), when, "feed"))


def _turns(each: plan.Shift, begin: datetime, size: int) -> rotation.Rotation:
    every = rotation.parse_every(each.every or "")
    handoff = rotation.parse_handoff(each.handoff or "", every.unit)
    return rotation.rotation(every, handoff, begin, size)


def _shift_span(each: plan.Shift, zone: ZoneInfo) -> Span:
    ends = [end for end in (each.end, each.until) if end is not None]
    return span(each.start or each.begin, min(ends, default=None), zone)


def _rotation_span(each: plan.Shift, zone: ZoneInfo) -> Span:
    """Return when a rotation ends: `until` is a handoff to the next line, thus first of two."""
    if each.until is None:
        return Span(None, None)
    return Span(None, first_instant(each.until, zone), f"until {words(each.until)}")


def _weekly(text: str | None) -> Weekly | None:
    return parse_weekly(text) if text else None


def _contact(key: str, each: doc.Contact) -> Contact:
    consent, limit = each.consent, each.phone_limit
    return Contact(
        key=key,
        name=each.name or key,
        phone=each.phone,
        sms=each.sms,
        email=each.email,
        active=each.active,
        pin=each.pin,
        quiet=parse_daily(each.quiet) if each.quiet else None,
        requires_human=each.requires_human,
        notes=each.notes,
        consent=Consent(consent.voice, consent.text, consent.at, consent.source)
        if consent
        else None,
        phone_limit=PhoneLimit(limit.calls, limit.per) if limit else None,
    )


def _protocol(each: doc.Protocol) -> Protocol:
    when = each.when
    return Protocol(
        name=each.name,
        when=Applies(frozenset(when.priority), frozenset(when.form), when.hours),
        cue=each.cue,
        limit=each.limit,
        ring=each.ring,
        permanent=each.permanent,
        voicemail=each.voicemail,
        steps=tuple(Step(step.reach, step.by, step.wait, step.repeat) for step in each.steps)
        if each.steps
        else DEFAULT_PROTOCOL.steps,
        evidence=frozenset(each.evidence) if each.evidence else DEFAULT_PROTOCOL.evidence,
        hold=each.hold,
        rotation=each.rotation,
    )


def _form(name: str, each: doc.Form) -> Form:
    usual = USUAL_FIELDS.get((each.kind or "").casefold(), ())
    asked = each.field_job
    job = FormJob(asked.title or name, asked.market, asked.brand) if asked else None
    return Form(name, tuple(each.required) or usual, each.schedule_field, each.kind, job)


def _notices(each: doc.Notices) -> NoticeRules:
    digest = parse_week_time(each.digest) if each.digest else None
    return NoticeRules(each.handoff, digest)


def _office(each: doc.Office | None, zone: ZoneInfo) -> Office | None:
    if each is None:
        return None
    hours = Hours(parse_weekly(each.hours), days_off(each.holidays), zone) if each.hours else None
    return Office(hours, each.phone, each.email)


def days_off(each: doc.Holidays | None) -> Holidays:
    """Return the compiled holidays; without any there is no day off."""
    if each is None:
        return Holidays(())
    days = calendar(each.calendar) if each.calendar else ()
    return Holidays(days, frozenset(each.also), frozenset(each.never))
