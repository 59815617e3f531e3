"""What a hand-off says to the product team and to leads; alerts hold no personal words."""

from gateway.domain.masking import mask_within


def to_product(note: str, link: str) -> str:
    """Write the hand-off mail: the note word for word, below it where its receipt is confirmed."""
    asks = "Please confirm that you have received this; the link opens a page with a button:"
    return f"{note}\n\n{'_' * 40}\n{asks}\n{link}\n"


def incident(reference: str, company: str) -> str:
    """Tell that a caller reports a major incident (S0-03)."""
    words = f"a caller of {company} reports a major outage or latency"
    return mask_within(f"hand-off {reference}: {words}; follow the incident protocol")


def unconfirmed(reference: str, hours: int) -> str:
    """Tell that the product team has not confirmed the mail for so many hours (S0-14)."""
    waited = f"{hours} hour{'' if hours == 1 else 's'}"
    words = f"the product team has not confirmed the mail for {waited}; please ask them"
    return f"hand-off {reference}: {words}"


def mail_failed(reference: str, whose: str, why: str | None) -> str:
    """Tell that a mail was refused for good; `whose` says which."""
    because = f" ({mask_within(why)})" if why else ""
    words = f"the mail to the {whose} was not sent{because}; send it again or reach them otherwise"
    return f"hand-off {reference}: {words}"


def mail_unsure(reference: str, whose: str) -> str:
    """Tell that nobody can know whether a mail left."""
    words = f"whether the mail to the {whose} left is not known; please ask before sending it again"
    return f"hand-off {reference}: {words}"
