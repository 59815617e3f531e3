"""Why a message goes by none of several schedules (S3-89), in words that tell nothing of it."""

from collections.abc import Mapping

from gateway.domain.accounts import Account


def unfit(account: Account, fields: Mapping[str, str], form: str | None) -> str:
    """Return the sentence for a message that `account.schedule_for` finds no schedule for.

    It names schedules and fields, as the document does, and never what a field says.
    """
    fitting = [each.name for each in account.schedules_for(fields, form)]
    if fitting:
        return f"More than one schedule fits the message: {', '.join(fitting)}."
    keys = _keys(account, form)
    if any(fields.get(key, "").strip() for key in keys):
        return f"No schedule fits the message's {' or '.join(keys)}."
    return f"No schedule fits the message: it has no {' or '.join(keys)}."


def _keys(account: Account, form: str | None) -> list[str]:
    field = account.schedule_field(form)
    matched = {key: None for each in account.schedules.values() for key in each.match}
    return list({field: None} if field else matched)
