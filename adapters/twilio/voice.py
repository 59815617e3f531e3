"""Call script: what a caller hears and which keys are listened for, as the carrier's XML.

The first word makes sound at once (no pause first), because a phone that screens calls asks for
name and reason and gives up on silence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twilio.twiml.voice_response import (  # type: ignore[import-untyped]  # ships no types
    Gather,
    VoiceResponse,
)

LONGEST: Final = 4096
"""Characters one <Say> may hold (vendor rule); longer words are split at spaces."""

LANGUAGE: Final = "en-US"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Ask:
    """Say the words, then wait `timeout` seconds for keys; silence is reported too.

    `digits`: how many keys are awaited; 0: any number, ended by #.
    """

    say: tuple[str, ...]
    action: str
    timeout: int
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Tell:
    """Say the words and hang up."""

    say: tuple[str, ...]


Script = Ask | Tell


def render(script: Script, *, language: str = LANGUAGE, voice: str | None = None) -> str:
    """Return the script as TwiML; without a `voice` the account's own speaks."""
    response = VoiceResponse()
    match script:
        case Ask():
            # Without actionOnEmptyResult silence would fall through and never reach us.
            gather = Gather(
                input="dtmf",
                action=_clean(script.action),
                method="POST",
                timeout=script.timeout,
                num_digits=script.digits or None,
                action_on_empty_result=True,
            )
            _speak(gather, script.say, language, voice)
            response.append(gather)
        case Tell():
            _speak(response, script.say, language, voice)
            response.hangup()
    return str(response)


def _speak(verb: VoiceResponse, say: tuple[str, ...], language: str, voice: str | None) -> None:
    for words in say:
        for part in _parts(_clean(words)):
            verb.say(part, language=language, voice=voice)


def _clean(words: str) -> str:
    # One forbidden character and the callee hears "application error" instead of the message.
    return _NOT_XML.sub(" ", words)


def _parts(words: str) -> Iterator[str]:
    while len(words) > LONGEST:
        cut = words.rfind(" ", 1, LONGEST + 1)
        if cut < 0:
            cut = LONGEST
        yield words[:cut]
        words = words[cut:].lstrip(" ")
    if words.strip():
        yield words
