"""The carrier from settings: its client, its tokens, our numbers and their limits."""

from collections.abc import Sequence

from adapters.twilio.client import TwilioWire
from adapters.wire import Transport
from gateway.settings import Settings
from gateway.store.claims import Rates

SIMULATED_ACCOUNT = "AC" + "0" * 32
SIMULATED_TOKEN = "simulated"  # noqa: S105 - the simulator's own, good for nothing else
SIMULATED_NUMBERS = ("+15005550006",)


def auth_tokens(settings: Settings) -> Sequence[str]:
    """Return the tokens of which any verifies a webhook."""
    tokens = [token.get_secret_value() for token in settings.twilio_auth_tokens]
    if settings.carrier == "simulator" and (not tokens or settings.twilio_base_url is None):
        # A simulator of our own signs with its own token, in whatever role this process runs.
        return [SIMULATED_TOKEN]
    return tokens


def carrier(settings: Settings, transport: Transport) -> TwilioWire:
    """Build the carrier's client from settings."""
    account = settings.twilio_account_sid or SIMULATED_ACCOUNT
    key, secret = settings.twilio_api_key, settings.twilio_api_secret
    tokens = auth_tokens(settings)
    user = key or account
    word = secret.get_secret_value() if key and secret else (tokens[0] if tokens else "")
    return TwilioWire(account, user, word, transport, settings.twilio_base_url)


def rates(settings: Settings) -> Rates:
    """Read the sending numbers and their limits."""
    spare = SIMULATED_NUMBERS if settings.carrier == "simulator" else ()
    calls = settings.calling_numbers or spare
    texts = settings.text_senders or spare
    return Rates(
        {"call": calls, "text": texts},
        {"call": settings.calls_per_second, "text": settings.texts_per_second},
    )
