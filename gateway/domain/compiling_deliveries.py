"""From `deliveries` of a document to the rules that the program goes by."""

from collections.abc import Sequence
from datetime import time

from gateway.domain.delivery_rules import CopyRule, DeliveryRule, DigestRule, PostRule
from gateway.domain.document_deliveries import ClientDelivery, named


def delivery_rules(deliveries: Sequence[ClientDelivery]) -> tuple[DeliveryRule, ...]:
    """Return the compiled rules of deliveries that have passed their checks."""
    return tuple(_rule(name, each) for name, each in named(deliveries))


def _rule(name: str, each: ClientDelivery) -> DeliveryRule:
    forms = frozenset(each.form)
    if each.post is not None:
        return PostRule(
            name=name,
            url=each.post,
            on=each.occasion,
            kind=each.kind,
            format=each.format,
            fields=_in_order(each),
            allow=each.allow,
            accept=each.accept,
            secret=each.secret,
            idempotent=each.idempotent,
            forms=forms,
        )
    if each.digest is not None:
        return DigestRule(name, each.email or "", time.fromisoformat(each.digest), forms)
    return CopyRule(name, each.email or "", each.occasion, forms)


def _in_order(each: ClientDelivery) -> dict[str, str]:
    """Return the fields as `order` says, all others behind by name: the store keeps no order."""
    fields = each.fields or {}
    behind = sorted(fields.keys() - set(each.order))
    return {name: fields[name] for name in (*dict.fromkeys(each.order), *behind)}
