"""What calls say (CONTRACT section 6, S3-72, S3-73): tuples of sentences, spoken one after another.

No sentence before a key carries a detail, because a machine may be listening.
"""

import re
from typing import Final

from gateway.domain.content import Content
from gateway.domain.wording import phrases

Sentences = tuple[str, ...]
MOST_CHARACTERS: Final = 4096  # the carrier's limit for what one <Say> speaks
MENU: Final = "Press 1 to accept, 2 if you cannot take it, star to hear it again."
MORE: Final = "There is more than can be read out. Please call us for the rest."
GOODBYE: Final = "Goodbye."
# An E.164 number, or a North American one with or without its area code; dates and UCNs are none.
_NUMBER: Final = re.compile(
    r"(?<![\w+.-])(?:\+\d(?:[ ().-]{0,2}\d){6,14}"
    r"|(?:1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}"
    r"|\d{3}[.-]\d{4})(?![\w-])"
)
_NATIONAL: Final = 10  # digits of a North American number with its area code


def prompt(account_name: str, contact_name: str, priority: str, times: int = 3) -> Sentences:
    """Say who calls and for whom, and which keys there are; `times` over, since the carrier waits
    only after the last word. The first words serve a phone that screens its calls.
    """  # noqa: D205  one thought
    service = f"This is the answering service for {phrases.one_line(account_name)}"
    name = phrases.one_line(contact_name)
    return (
        f"{service} with {phrases.a_message(priority)} for {name}.",
        "To hear it press 1.",
        "If you cannot take it, press 2.",
        f"If you are not {name}, press 9.",
    ) * times


def pin_prompt() -> Sentences:
    """Ask for the person's PIN before any detail (phi accounts)."""
    return ("Please enter your PIN.",)


def wrong_pin() -> Sentences:
    """Say that the PIN was wrong and ask again."""
    return ("That PIN is not right.", *pin_prompt())


def pin_refused() -> Sentences:
    """End the call after too many wrong PINs."""
    return ("That PIN is not right.", "We will reach the next person.", GOODBYE)


def message(content: Content) -> Sentences:
    """Read the message out and name the keys; at most MOST_CHARACTERS with spaces between.

    Phone numbers are spoken digit by digit. What does not fit is cut, and that is said.
    """
    stated = (f"{name}: {value}" for name, value in phrases.facts(content))
    lines = phrases.in_order(phrases.one_line(content.text), stated)
    spoken = tuple(phrases.sentence(spell_numbers(line)) for line in lines)
    return (*_within(spoken, MOST_CHARACTERS - len(MENU) - 1), MENU)


def _within(sentences: Sentences, most: int) -> Sentences:
    if len(" ".join(sentences)) <= most:
        return sentences
    kept = phrases.shortened(" ".join(sentences), most - len(MORE) - 1)
    return (kept, MORE)


def accepted() -> Sentences:
    """Confirm the accepting key."""
    return ("Thank you. The message is yours.", GOODBYE)


def noted() -> Sentences:
    """Confirm the accepting key where the client takes other evidence only."""
    return (
        "Thank you. We have noted it, but this client needs another confirmation.",
        "We go on until we have it.",
        GOODBYE,
    )


def passed() -> Sentences:
    """Confirm key 2."""
    return ("Thank you. We will reach the next person.", GOODBYE)


def wrong_person() -> Sentences:
    """Confirm key 9: this number is no longer called."""
    return ("Thank you. We will not call this number again until it has been checked.", GOODBYE)


def taken(holder_name: str | None) -> Sentences:
    """Say that the message needs nobody any more, and who has it where that is known."""
    whom = f" by {phrases.one_line(holder_name)}" if holder_name else ""
    return (f"The message has already been taken{whom}.", "Thank you.", GOODBYE)


def no_key() -> Sentences:
    """End a call on which nobody pressed a key; nothing is accepted by listening."""
    return ("We did not get a key. We will reach the next person.", GOODBYE)


def how_many(count: int) -> Sentences:
    """Say how many messages (two at least) one call is about (S3-67)."""
    return (f"There are {count} messages.",)


def next_message(account_name: str, priority: str) -> Sentences:
    """Lead over to the next message on the same call (S3-67), which follows at once."""
    return (f"Next, {phrases.a_message(priority)} for {phrases.one_line(account_name)}.",)


def about(account_name: str, priority: str) -> Sentences:
    """Say for whom a message is that somebody who called us is about to hear."""
    return (
        phrases.capital(f"{phrases.a_message(priority)} for {phrases.one_line(account_name)}."),
    )


def voicemail(account_name: str, contact_name: str, callback: str | None) -> Sentences:
    """Ask a mailbox to have its owner call back (S3-73): our number and no detail at all."""
    service = f"This is the answering service for {phrases.one_line(account_name)}"
    number = f" at {spell_numbers(callback)}" if callback else ""
    return (
        f"{service}, calling for {phrases.one_line(contact_name)}.",
        f"Please call us back{number}.",
        *((f"Again, the number is {spell_numbers(callback)}.",) if callback else ()),
        GOODBYE,
    )


def inbound_none() -> Sentences:
    """Greet a known caller for whom nothing is open."""
    return ("This is the answering service.", "No messages are open for you.", GOODBYE)


def inbound_protected() -> Sentences:
    """Greet somebody whose messages are protected and who has no PIN: a number proves nobody."""
    return (
        "This is the answering service.",
        "Your messages are protected. Please wait for our call.",
        GOODBYE,
    )


def inbound_barred() -> Sentences:
    """End a call from a number from which too many wrong PINs came."""
    return (
        "This is the answering service.",
        "Too many PINs from your number were not right. Please wait for our call.",
        GOODBYE,
    )


def inbound_open(count: int, times: int = 3) -> Sentences:
    """Greet a known caller with `count` (at least 1) open messages; no detail before a key."""
    messages = "1 open message" if count == 1 else f"{count} open messages"
    first = "it" if count == 1 else "the first"
    return (
        f"This is the answering service. You have {messages}.",
        f"To hear {first} press 1.",
    ) * times


def inbound_over() -> Sentences:
    """End a call to us on which no key was pressed; nothing is accepted by listening."""
    return ("We did not get a key. Nothing was accepted.", GOODBYE)


def inbound_unknown() -> Sentences:
    """Greet a caller whose number is nobody's: it is told nothing about anyone."""
    return (
        "This is the answering service.",
        "We do not know the number you are calling from, so no message can be read to you here.",
        "Please call the office of the company you wish to reach.",
        GOODBYE,
    )


def connecting() -> Sentences:
    """Say that a person takes the call over, before its second leg rings."""
    return ("Please hold. We are connecting you with a dispatcher.",)


def trouble() -> Sentences:
    """Say that the message cannot be read now (the store is away); nothing is accepted."""
    return ("We are sorry, the message cannot be read to you right now.", "We will call again.")


def spell_numbers(words: str) -> str:
    """Write each phone number in `words` as single digits in groups.

    >>> spell_numbers("+12025550101")
    '2 0 2, 5 5 5, 0 1 0 1'
    """
    return _NUMBER.sub(lambda found: _spelled(found[0]), words)


def _spelled(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    if len(digits) == _NATIONAL + 1 and digits[0] == "1":
        digits = digits[1:]
    elif number.startswith("+"):
        return "plus " + " ".join(digits)
    groups = (digits[:-7], digits[-7:-4], digits[-4:])
    return ", ".join(" ".join(group) for group in groups if group)
