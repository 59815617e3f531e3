"""The carriers and the mail server, from settings: clients, tokens, our numbers, their limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from adapters.alerts import Alerts
from adapters.smtp import Mailer
from adapters.twilio.client import TwilioWire
from adapters.twilio.numbers import OurNumbers
from adapters.wire import Transport
from gateway.settings import Settings
from gateway.store.rates import Rates

SIMULATED_ACCOUNT = "AC" + "0" * 32
SIMULATED_TOKEN = "simulated"  # noqa: S105 - the simulator's own, good for nothing else
SIMULATED_NUMBERS = ("+15005550006",)
SECOND = "second"
"""The second carrier's name."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """The clients of our carriers: the first, and by number those of any other."""

    first: TwilioWire
    others: Mapping[str, TwilioWire] = field(default_factory=dict)

    def of(self, number: str | None) -> TwilioWire:
        """Return the carrier that a number of ours belongs to."""
        return self.others.get(number or "", self.first)


def auth_tokens(settings: Settings) -> Sequence[str]:
    """Return the tokens of which any verifies a webhook of the first carrier."""
    tokens = [token.get_secret_value() for token in settings.twilio_auth_tokens]
    if settings.carrier == "simulator" and (not tokens or settings.twilio_base_url is None):
        # A simulator of our own signs with its own token, in whatever role this process runs.
        return [SIMULATED_TOKEN]
    return tokens


def signing_keys(settings: Settings) -> Sequence[str]:
    """Return the keys of which any verifies a webhook of the second carrier."""
    return [key.get_secret_value() for key in settings.second_signing_keys]


def carrier(settings: Settings, transport: Transport) -> TwilioWire:
    """Build the first carrier's client from settings."""
    return TwilioWire(*_login(settings), transport, settings.twilio_base_url)


def numbers(settings: Settings, transport: Transport) -> OurNumbers:
    """Build what shows our numbers at the first carrier."""
    return OurNumbers(*_login(settings), transport, settings.twilio_base_url)


def _login(settings: Settings) -> tuple[str, str, str]:
    """Return account, user and password at the first carrier."""
    account = settings.twilio_account_sid or SIMULATED_ACCOUNT
    key, secret = settings.twilio_api_key, settings.twilio_api_secret
    tokens = auth_tokens(settings)
    word = secret.get_secret_value() if key and secret else (tokens[0] if tokens else "")
    return account, key or account, word


def second_carrier(settings: Settings, transport: Transport) -> TwilioWire | None:
    """Build the second carrier's client; None where there is none."""
    login = _second_login(settings)
    return TwilioWire(*login, transport, settings.second_base_url) if login else None


def second_numbers(settings: Settings, transport: Transport) -> OurNumbers | None:
    """Build what shows our numbers at the second carrier; None where there is none."""
    login = _second_login(settings)
    return OurNumbers(*login, transport, settings.second_base_url) if login else None


def _second_login(settings: Settings) -> tuple[str, str, str] | None:
    account, token = settings.second_account, settings.second_api_token
    if account is None or token is None:
        return None
    return account, account, token.get_secret_value()


def carriers(
    settings: Settings, transport: Transport, second: Transport | None, first: TwilioWire | None
) -> Carriers:
    """Build the clients of our carriers on their transports, unless the `first` is given."""
    other = second_carrier(settings, second or transport)
    others = dict.fromkeys(settings.second_from, other) if other else {}
    return Carriers(first or carrier(settings, transport), others)


def rates(settings: Settings) -> Rates:
    """Read the sending numbers and their limits, the first carrier's numbers first."""
    spare = SIMULATED_NUMBERS if settings.carrier == "simulator" else ()
    second = settings.second_from
    calls = settings.calling_numbers or spare
    texts = settings.text_senders or spare
    return Rates(
        {"call": (*calls, *second), "text": (*texts, *second)},
        {"call": settings.calls_per_second, "text": settings.texts_per_second},
        dict.fromkeys(second, SECOND),
    )


def mailer(settings: Settings) -> Mailer | None:
    """Build what hands mail to a server from settings; None where there is none."""
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return Mailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        password,
        settings.smtp_tls,
        settings.mail_from,
    )


def alerts(settings: Settings) -> Alerts:
    """Build the sinks of alerts; incidents go to a lead where they have no sink of their own."""

    def urls(secrets: Iterable[SecretStr]) -> list[str]:
        return [one.get_secret_value() for one in secrets]

    lead = urls(settings.alerts_lead)
    incident = urls(settings.alerts_incident) or lead
    return Alerts(urls(settings.alerts_dispatch), urls(settings.alerts_specials), lead, incident)
