"""What leads and dispatchers are told: one line each, with account number and UCN (S3-51).

Names and masked addresses only: alerts leave for chat rooms, where details have no place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.domain.masking import mask_address, mask_within
from gateway.domain.wording import phrases


@dataclass(frozen=True, slots=True)
class About:
    """What an alert is about: the account's number, and the message's UCN where there is one."""

    account: str
    ucn: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A contact's name and the unmasked phone number or e-mail address that was used."""

    name: str
    address: str


def limit_reached(about: About, active: timedelta) -> str:
    """Tell that active dispatch has run for the limit; a lead decides, nobody delivers it off."""
    words = f"active dispatch limit reached after {phrases.span(active)} without delivery"
    return _line(about, f"{words}; no further attempts until a lead decides")


def no_customer(about: About) -> str:
    """Tell that an accept opens no field job, as nobody knows the customer's number."""
    return _line(about, "accepted, but its field job needs a customer's number; please open it")


def gap(about: About, length: timedelta) -> str:
    """Tell that nothing was dispatched for longer than the cue allows (S3-50)."""
    return _line(about, f"gap of {phrases.span(length)} without dispatch; dispatching continues")


def exhausted(about: About, cue: str | None = None) -> str:
    """Tell that nobody is left to try (S3-23); `cue` is the next try's local moment."""
    stands = f"; next try at {cue}" if cue else ""
    return _line(about, f"nobody left to try in this round{stands}; please help")


def held(about: About, reason: str) -> str:
    """Tell that a job waits for a person, with the reason's code word or words."""
    return _line(about, f"job held: {reason.replace('_', ' ')}; please help")


def emergency_held(about: About, until: str) -> str:
    """Tell that a special holds an emergency; `until` is the local moment of its end."""
    words = f"a special holds this emergency until {until}"
    return _line(about, f"{words}; resume it if it must not wait")


def blank_schedule(about: About, schedule: str, day: date) -> str:
    """Tell that a schedule has nobody at all (S3-86)."""
    name = f"schedule {schedule}" if schedule else "the schedule"
    return _line(about, f"{name} is blank on {day.isoformat()}; the permanent list is used")


def nobody_at_all(about: About, schedule: str, day: date) -> str:
    """Tell that neither a schedule nor the permanent list has anybody (S3-86)."""
    name = f"schedule {schedule}" if schedule else "the schedule"
    words = f"{name} is blank on {day.isoformat()} and the permanent list is empty"
    return _line(about, f"{words}; job held, please help")


def opted_out(about: About, who: Reached, word: str) -> str:
    """Tell that somebody on call has opted out of texts: a safety event."""
    words = f"{_reached(who)} opted out of texts ({word})"
    return _line(about, f"{words}; texts to that number are suspended")


def wrong_person(about: About, who: Reached) -> str:
    """Tell that whoever answered is not the contact (key 9)."""
    words = f"{_reached(who)} was answered by somebody else (key 9)"
    how = "POST /v1/phones/NUMBER/restore"
    return _line(about, f"{words}; the number is suspended until a lead restores it: {how}")


def wrong_pins(about: About, who: Reached, count: int) -> str:
    """Tell that callers from a number have tried too many PINs."""
    words = f"calls from the phone of {_reached(who)} brought {count} wrong PINs"
    return _line(about, f"{words}; for a day such calls are not asked for one")


def suspended(about: About, who: Reached, reason: str) -> str:
    """Tell that an address is no longer used, and why."""
    return _line(about, f"{_reached(who)} is suspended: {reason.replace('_', ' ')}")


def link_unopened(about: About, who: Reached, waited: timedelta) -> str:
    """Tell that an accepted message's link was not opened within a cue."""
    words = f"{_reached(who)} accepted but has not opened the secure message"
    return _line(about, f"{words} for {phrases.span(waited)}")


def rate_limited(about: About, who: Reached) -> str:
    """Tell that somebody was skipped because of the phone's own limit."""
    return _line(about, f"{_reached(who)} was skipped: the limit for this phone is reached")


def failing(about: About, who: Reached, times: int, begins: str) -> str:
    """Tell that a phone only ever fails whose person is on call soon; `begins` is that moment."""
    words = f"{_reached(who)} could not be reached {times} times in a row"
    return _line(about, f"{words} and is on call from {begins}; check the number")


def carrier_refuses(about: About, code: int | None, words: str) -> str:
    """Tell that the carrier refuses for a reason of ours, with its code and words."""
    number = f"error {code}" if code is not None else "no error code"
    return _line(about, f"the carrier refuses: {number}, {words}")


def line_open(channel: str, sender: str) -> str:
    """Tell that calls or texts from a number (masked), or a whole carrier, fail."""
    words = f"{channel}s from {sender} fail and are stopped; one is tried again now and then"
    return mask_within(phrases.sentence(f"{words}, other ways are used meanwhile"))


def uncovered(about: About, schedule: str, days: Iterable[str]) -> str:
    """Tell of local days on which a schedule has hours without anybody (S3-81)."""
    name = f"schedule {schedule}" if schedule else "the schedule"
    return _line(about, f"{name} has hours with nobody on call: {'; '.join(days)}")


def still_waiting(about: About, state: str, waited: timedelta) -> str:
    """Remind that a job still waits for a person."""
    return _line(
        about, f"still {state.replace('_', ' ')} after {phrases.span(waited)}; please help"
    )


def past_due(about: About, more: int) -> str:
    """Tell that a job has been due for five minutes and was not gone on with (S3-26)."""
    others = f", and {more} more" if more else ""
    return _line(about, f"past due for more than 5 minutes{others}; please look at the list")


def verify_coding(name: str) -> str:
    """Ask whether somebody shall be offered dispatch work whom nobody coded for it (S3-91)."""
    words = f"{name} is offered dispatch work, and neither WFM nor a lead coded them for it"
    return mask_within(phrases.sentence(f"{words}; please verify"))


def live_call(name: str, state: str) -> str:
    """Tell that a live call came to somebody who is coded for dispatch (S3-04)."""
    words = f"{name} is coded for dispatch, and a live call came to them ({state})"
    return mask_within(phrases.sentence(words))


def break_uncovered(name: str, at: str, waiting: int) -> str:
    """Tell that nobody covers a break (S3-06); `at` is its instant in UTC."""
    words = f"{name} asks for a break at {at}, and nobody else who is coded covers it"
    work = "1 job waits" if waiting == 1 else f"{waiting} jobs wait"
    return mask_within(phrases.sentence(f"{words}; {work} for a person, please find somebody"))


def unattended(names: Sequence[str], waiting: int) -> str:
    """Tell that work came while whoever is coded is on a break or off dispatch (S3-06)."""
    words = f"nobody who is coded covers dispatch now (away: {', '.join(names)})"
    work = "1 job waits" if waiting == 1 else f"{waiting} jobs wait"
    return mask_within(phrases.sentence(f"{words}; {work} for a person, please find somebody"))


def parked(about: About, skill: str, waited: timedelta) -> str:
    """Tell that nobody has claimed a parked message (S3-14)."""
    words = f"parked for {skill} {phrases.span(waited)} ago and claimed by nobody"
    return _line(about, f"{words}; please help")


def asked_again(about: About) -> str:
    """Tell that a message was asked for a second time within a week (S3-18)."""
    words = "the client asked for the message again within 7 days"
    return _line(about, f"{words}; the account manager is to look at it")


def resend_failed(about: About, channel: str, reason: str) -> str:
    """Tell that a message could not be sent again as it was asked for."""
    words = f"sending the message again by {channel} failed: {reason.replace('_', ' ')}"
    return _line(about, f"{words}; please help")


def post_blocked(about: About, kind: str, fields: Iterable[str]) -> str:
    """Tell that a web post waits because of characters in these fields of the client's (S3-57)."""
    named = phrases.listed(fields)
    return _line(about, f"the {kind} is not posted: characters in {named}; please look at it")


def post_failed(about: About, kind: str, reason: str) -> str:
    """Tell that a web post did not come off (S3-56)."""
    words = f"posting the {kind} failed: {reason.replace('_', ' ')}"
    return _line(about, f"{words}; please help")


def post_waits(about: About, kind: str, waited: timedelta) -> str:
    """Remind that a web post waits for a person."""
    words = f"the {kind} of {phrases.span(waited)} ago is still not posted"
    return _line(about, f"{words}; please help")


def copy_failed(about: About, reason: str) -> str:
    """Tell that a copy by e-mail did not come off."""
    return _line(about, f"e-mailing a copy failed: {reason.replace('_', ' ')}; please help")


def repeated(line: str, more: int) -> str:
    """Say how often the same was to be told since it was told last, beside this once."""
    if not more:
        return line
    times = "once more" if more == 1 else f"{more} times more"
    return f"{line} ({times} within a minute)"


def special(account: str, text: str) -> str:
    """Ask people to look at a special, word for word as the desk does it (S3-80)."""
    words = phrases.one_line(text).removesuffix(".")
    return f"📣Specials {account} - Please see special in regards to {words}."


def feed_fails(about: About, schedule: str, length: timedelta, why: str) -> str:
    """Tell that a schedule's feed has not been readable for long; `why` quotes no address."""
    words = f"the calendar feed of schedule {schedule} has failed for {phrases.span(length)}: {why}"
    return _line(about, f"{words}; its last good copy holds")


def feed_reads_again(about: About, schedule: str) -> str:
    """Tell that a feed of which a lead was told is read again."""
    return _line(about, f"the calendar feed of schedule {schedule} is read again")


def feed_strangers(about: About, schedule: str, count: int) -> str:
    """Tell that events of a feed became no shifts; titles stay inside."""
    events = "1 event puts" if count == 1 else f"{count} events put"
    words = f"in the calendar feed of schedule {schedule} {events} nobody on duty"
    return _line(about, f"{words}; `dispatchd feeds list {about.account}` names them")


def _line(about: About, words: str) -> str:
    ucn = f", UCN {about.ucn}" if about.ucn else ""
    return phrases.one_line(mask_within(phrases.sentence(f"Account {about.account}{ucn}: {words}")))


def _reached(who: Reached) -> str:
    return f"{phrases.one_line(who.name)} ({mask_address(who.address)})"
