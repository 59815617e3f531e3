"""Every setting, with its help, in one frozen model (CONTRACT section 3).

Values come from the environment and, below it, from an `--env-file`; all names carry `DISPATCHD_`.
Secrets may stand in files of their own (`gateway.settings_files`).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from gateway.domain.urls import own_url
from gateway.settings_fields import (
    AlertUrls,
    Coverage,
    DatabaseUrl,
    IncidentUrls,
    LogFormat,
    LogLevel,
    MailAddress,
    MatterRetention,
    Numbers,
    Port,
    ProductMailbox,
    Rate,
    ReminderHours,
    ResolutionOrder,
    Secrets,
    SecretUrl,
    Senders,
    WebUrl,
    default_folder,
)
from gateway.settings_files import PREFIX, SettingsError, read_env_file, read_secrets

__all__ = ["Settings", "SettingsError", "example_env", "load_settings", "secret_names"]


class Settings(BaseSettings):
    """What an operator may set; each field's description is its help."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: DatabaseUrl | None = Field(
        None,
        description="Postgres 15 or later, TCP or socket, TLS by the URL (sslmode=…). "
        "Empty: an embedded Postgres keeps its data under DATA_DIR.",
    )
    data_dir: Path = Field(
        default_factory=default_folder,
        description="Folder of the embedded Postgres, photos of field jobs and documents of cases. "
        "Empty: /var/lib/dispatchd for root, ~/.local/share/dispatchd for others.",
    )
    http_host: str = Field("127.0.0.1", description="Address the web side listens on.")
    http_port: Port = Field(8080, description="Port the web side listens on; 0 takes a free one.")
    public_url: WebUrl = Field(
        default_factory=lambda given: own_url(given["http_host"], given["http_port"]),
        description="What carriers call and sign, and what links in messages start with. "
        "Empty: http://HTTP_HOST:HTTP_PORT.",
    )
    admin_token: SecretStr | None = Field(
        None, description="Bootstrap API token with role admin; make others with `token create`."
    )
    carrier: Literal["simulator", "twilio"] = Field(
        "simulator", description="Who places calls and sends texts: simulator or twilio."
    )
    twilio_account_sid: Annotated[str, Field(pattern=r"^AC[0-9A-Za-z]{32}$")] | None = Field(
        None, description="Twilio account SID, AC and 32 characters."
    )
    twilio_api_key: str | None = Field(
        None, description="Twilio API key SID for REST. Empty: account SID and first auth token."
    )
    twilio_api_secret: SecretStr | None = Field(None, description="Secret of that API key.")
    twilio_auth_tokens: Secrets = Field(
        (), description="Comma list of auth tokens; any of them verifies a webhook."
    )
    twilio_base_url: WebUrl | None = Field(
        None, description="Where Twilio's REST API is. Empty: the vendor's own address."
    )
    twilio_from: Senders = Field(
        (),
        description="Comma list of sending numbers (+1…); "
        "a messaging service (MG…) may stand in for texts.",
    )
    second_account: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")] | None = Field(
        None,
        description="A second carrier with Twilio's API (SignalWire: the project id), which takes "
        "over when the first is in trouble. Empty: none.",
    )
    second_api_token: SecretStr | None = Field(
        None, description="API token of the second carrier's account."
    )
    second_signing_keys: Secrets = Field(
        (), description="Comma list of keys the second carrier signs its webhooks with."
    )
    second_base_url: WebUrl | None = Field(
        None, description="Where its REST API is (SignalWire: https://SPACE/api/laml)."
    )
    second_from: Numbers = Field((), description="Comma list of its sending numbers (+1…).")
    calls_per_second: Rate = Field(1, description="Calls started per second and sending number.")
    texts_per_second: Rate = Field(1, description="Texts sent per second and sending number.")
    smtp_host: str | None = Field(None, description="Mail server. Empty: no e-mail is sent.")
    smtp_port: Port = Field(587, description="Port of the mail server.")
    smtp_username: str | None = Field(None, description="Login at the mail server, if it asks.")
    smtp_password: SecretStr | None = Field(None, description="Password of that login.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls (from the first byte) or none."
    )
    mail_from: MailAddress | None = Field(
        None, description="Sender of e-mail; needed when SMTP_HOST is set."
    )
    alerts_dispatch: AlertUrls = Field(
        (), description="Comma list of notification URLs told of gaps in dispatching."
    )
    alerts_specials: AlertUrls = Field(
        (), description="Comma list of notification URLs told of special instructions."
    )
    alerts_lead: AlertUrls = Field(
        (), description="Comma list of notification URLs that reach a lead. Never leave it empty."
    )
    alerts_incident: IncidentUrls = ()
    matter_retention_days: MatterRetention = None
    handoff_product_email: ProductMailbox = None
    handoff_reminder_hours: ReminderHours = 4
    handoff_resolution: ResolutionOrder = "before_product"
    share_calls_across_accounts: bool = Field(
        default=False,
        description="Whether messages of several accounts for one phone number share a call.",
    )
    coverage_hours: Coverage = 72
    coverage_office: bool = Field(
        default=False,
        description="Whether a lead is also alerted of gaps while the client's own office is open.",
    )
    require_coding: bool = Field(
        default=False, description="Whether dispatchers must be coded before they work jobs."
    )
    feeds_private: bool = Field(
        default=False,
        description="Whether calendar feeds may be fetched from addresses of your own network.",
    )
    posts_private: bool = Field(
        default=False, description="Whether web posts may go to addresses of your own network."
    )
    metrics_port: Port | None = Field(
        None,
        description="Port at which an engine alone shows /metrics and /readyz. Empty: nowhere.",
    )
    heartbeat_url: SecretUrl | None = Field(
        None, description="Fetched every 30 s while the engine loops: a dead man's switch."
    )
    traces_url: SecretUrl | None = Field(
        None, description="OTLP/HTTP traces go there (…:4318/v1/traces); needs dispatchd[otel]."
    )
    log_format: LogFormat = "json"
    log_level: LogLevel = "info"

    @property
    def calling_numbers(self) -> tuple[str, ...]:
        """The E.164 numbers calls may come from, in the order given."""
        return tuple(number for number in self.twilio_from if number.startswith("+"))

    @property
    def text_senders(self) -> tuple[str, ...]:
        """Whom texts come from: the messaging service where one is named, else the numbers."""
        services = tuple(name for name in self.twilio_from if name.startswith("MG"))
        return services or self.twilio_from


_FIELDS: Final = tuple(Settings.model_fields)


class _Isolated(Settings):
    """Settings in which the environment has no say."""

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given to the constructor, and nothing else."""
        return (init_settings,)


def load_settings(
    env_file: Path | None = None, *, isolated: bool = False, **overrides: object
) -> Settings:
    """Read the settings: overrides, then the environment and files of secrets, then the file.

    `isolated` (rehearsals) reads the overrides alone: nothing of the environment matters, be it
    good or bad. Raises SettingsError.
    """
    given: dict[str, Any] = overrides
    if not isolated:
        secrets = secret_names()
        written = read_env_file(env_file, _FIELDS, secrets)
        lists = frozenset(one for one in secrets if Settings.model_fields[one].default == ())
        given = {**read_secrets(secrets, lists, written), **overrides}
    try:
        settings = _Isolated(**given) if isolated else Settings(_env_file=env_file, **given)
    except ValidationError as error:
        raise SettingsError(*_faults(error)) from None
    missing = _missing(settings)
    if missing:
        raise SettingsError(*missing)
    return settings


@cache
def secret_names() -> tuple[str, ...]:
    """Name the settings that are never shown, and may stand in a file each."""
    return tuple(
        name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    )


def example_env() -> str:
    """Write an `--env-file` with every setting, its help and its default."""
    first = (
        "# Every setting of dispatchd; an empty one keeps its default. A setting marked (secret)\n"
        "# may stand in a file of its own: NAME_FILE=/path instead of NAME, or, under systemd, a\n"
        "# credential that is named as the setting in lower case, without DISPATCHD_."
    )
    return "\n".join([first, *map(_example, _FIELDS), ""])


def _example(name: str) -> str:
    field = Settings.model_fields[name]
    shown = "" if field.default_factory or field.default in (None, ()) else str(field.default)
    shown = shown.lower() if isinstance(field.default, bool) else shown
    mark = " (secret)" if name in secret_names() else ""
    return f"\n# {field.description}{mark}\n{PREFIX}{name.upper()}={shown}"


def _faults(error: ValidationError) -> list[str]:
    """Say for each variable what is wrong, without its value: it may be a secret."""
    return [
        f"{PREFIX}{str(one['loc'][0]).upper()}: {_words(one['msg'])}"
        for one in error.errors(include_input=False, include_url=False)
        if one["type"] != "default_factory_not_called"
    ]


def _words(message: str) -> str:
    words = message.removeprefix("Value error, ").replace("Input should", "should")
    return words[:1].lower() + words[1:]


def _only_second(settings: Settings) -> bool:
    """Tell whether there are numbers of a second carrier that nobody knows."""
    return bool(settings.second_from and not settings.second_account)


def _missing(settings: Settings) -> Sequence[str]:
    """Name what one setting makes another need."""
    smtp_username = settings.smtp_username
    needs = [
        ("MAIL_FROM", settings.smtp_host and not settings.mail_from, "SMTP_HOST is set"),
        ("SMTP_PASSWORD", smtp_username and not settings.smtp_password, "SMTP_USERNAME is set"),
        (
            "TWILIO_API_SECRET",
            settings.twilio_api_key and not settings.twilio_api_secret,
            "TWILIO_API_KEY is set",
        ),
    ]
    if settings.second_account:
        known = bool({*settings.twilio_from} & {*settings.second_from})
        needs += [
            ("SECOND_API_TOKEN", not settings.second_api_token, "SECOND_ACCOUNT is set"),
            ("SECOND_SIGNING_KEYS", not settings.second_signing_keys, "SECOND_ACCOUNT is set"),
            ("SECOND_BASE_URL", not settings.second_base_url, "SECOND_ACCOUNT is set"),
            ("SECOND_FROM", not settings.second_from, "SECOND_ACCOUNT is set"),
            ("SECOND_FROM (other numbers than TWILIO_FROM)", known, "SECOND_ACCOUNT is set"),
        ]
    needs += [("SECOND_ACCOUNT", _only_second(settings), "SECOND_FROM is set")]
    if settings.carrier == "twilio":
        needs += [
            ("TWILIO_ACCOUNT_SID", not settings.twilio_account_sid, "CARRIER is twilio"),
            ("TWILIO_AUTH_TOKENS", not settings.twilio_auth_tokens, "CARRIER is twilio"),
            (
                "TWILIO_FROM (with a phone number for calls)",
                not settings.calling_numbers,
                "CARRIER is twilio",
            ),
        ]
    return [f"{PREFIX}{name}: needed when {PREFIX}{why}" for name, absent, why in needs if absent]
