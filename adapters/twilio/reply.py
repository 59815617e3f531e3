"""The answer to an inbound text, as TwiML in that very response."""

from twilio.twiml.messaging_response import MessagingResponse  # type: ignore[import-untyped]

from adapters.twilio.text import fit


def render(body: str) -> str:
    """Return TwiML that texts `body` back to the sender; an empty body sends nothing."""
    response = MessagingResponse()
    if body:
        response.message(fit(body, ""))
    return str(response)
