"""`alert`: people are told by the sinks of the settings, whatever else is down."""

import asyncio

from adapters.alerts import Alerts, Sink
from gateway.cli.configured import chosen_settings
from gateway.cli.faults import Failed
from gateway.cli.output import say


def tell(text: str, sink: Sink) -> None:
    """Send the words to every URL of the sink; Failed when not one of them took it."""
    settings = chosen_settings()
    urls = {
        "dispatch": settings.alerts_dispatch,
        "specials": settings.alerts_specials,
        "lead": settings.alerts_lead,
    }
    given = {name: [one.get_secret_value() for one in some] for name, some in urls.items()}
    alerts = Alerts(given["dispatch"], given["specials"], given["lead"])
    known = alerts.count(sink)
    if not known:
        raise Failed(f"DISPATCHD_ALERTS_{sink.upper()} holds no notification URL that can be used")
    took = asyncio.run(alerts.send(sink, "dispatchd", text))
    if not took:
        raise Failed(f"none of {known} notification URLs took it")
    say(f"{took} of {known} took it")
