"""What is set aside of a message, as its column holds it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.domain.aside import NOTHING_ASIDE, Aside, Finding, Park, Proof, Review


def aside_from(column: Mapping[str, Any] | None) -> Aside:
    """Read the column; without a row nothing is set aside."""
    if not column:
        return NOTHING_ASIDE
    park, review, proof = column.get("park"), column.get("review"), column.get("proof")
    office = column.get("office_until")
    return Aside(
        annotated=column.get("annotated", False),
        park=_park_from(park) if park else None,
        review=_review_from(review) if review else None,
        proof=_proof_from(proof) if proof else None,
        office_until=datetime.fromisoformat(office) if office else None,
    )


def _review_from(column: Mapping[str, Any]) -> Review:
    return Review(column["seq"], datetime.fromisoformat(column["at"]))


def _proof_from(column: Mapping[str, Any]) -> Proof:
    decided = column.get("decided_at")
    return Proof(
        id=column["id"],
        seq=column["seq"],
        at=datetime.fromisoformat(column["at"]),
        found=tuple(Finding(*one) for one in column["found"]),
        state=column["state"],
        by=column.get("by"),
        decided_at=datetime.fromisoformat(decided) if decided else None,
    )


def _proof_to(proof: Proof) -> dict[str, Any]:
    decided = (
        {"by": proof.by, "decided_at": proof.decided_at.isoformat()} if proof.decided_at else {}
    )
    return {
        "id": proof.id,
        "seq": proof.seq,
        "at": proof.at.isoformat(),
        "found": [list(one) for one in proof.found],
        "state": proof.state,
        **decided,
    }


def _park_from(column: Mapping[str, Any]) -> Park:
    until = column.get("until")
    return Park(
        seq=column["seq"],
        skill=column["skill"],
        by=column["by"],
        at=datetime.fromisoformat(column["at"]),
        held=tuple(column.get("held", ())),
        owner=column.get("owner"),
        until=datetime.fromisoformat(until) if until else None,
    )


def aside_to(aside: Aside) -> dict[str, Any]:
    """Write the column; only what is so stands in it, as its indexes look for the keys."""
    return {
        **({"annotated": True} if aside.annotated else {}),
        **({"park": _park_to(aside.park)} if aside.park else {}),
        **({"review": _review_to(aside.review)} if aside.review else {}),
        **({"proof": _proof_to(aside.proof)} if aside.proof else {}),
        **({"office_until": aside.office_until.isoformat()} if aside.office_until else {}),
    }


def _review_to(review: Review) -> dict[str, Any]:
    return {"seq": review.seq, "at": review.at.isoformat()}


def _park_to(park: Park) -> dict[str, Any]:
    return {
        "seq": park.seq,
        "skill": park.skill,
        "by": park.by,
        "at": park.at.isoformat(),
        **({"held": list(park.held)} if park.held else {}),
        **({"owner": park.owner} if park.owner else {}),
        **({"until": park.until.isoformat()} if park.until else {}),
    }
