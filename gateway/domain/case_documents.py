"""Documents of cases: what somebody attached to one (S4-26). Pure."""

from dataclasses import replace
from typing import Final

from gateway.domain.cases import Case, clock
from gateway.domain.casework_facts import Document
from gateway.domain.deeds import RefusedError
from gateway.domain.matters import Item, Written

MOST_DOCUMENTS: Final = 50


def attached(case: Case, document: Document) -> Written[Case]:
    """Attach a document; RefusedError `case_closed`, or `too_many` beyond fifty.

    Its name may be somebody's: it stands in the facts alone, and is erased with them.
    """
    if not case.open:
        raise RefusedError("case_closed", "the case is closed; nothing is attached any more")
    known = case.work.documents
    if len(known) >= MOST_DOCUMENTS:
        raise RefusedError("too_many", f"a case has at most {MOST_DOCUMENTS} documents")
    after = replace(case, work=replace(case.work, documents=(*known, document)))
    told = {"document": str(document.id), "kind": document.kind, "size": document.size}
    item = Item("case.attached", f"{document.by} attached a document.", data=told)
    return Written(after, (item,), clock(after))
