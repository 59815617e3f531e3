"""Files of account documents: YAML or JSON, read so that every fault names its line.

Apart from the documents themselves, as a daemon is only given them parsed.
"""

from collections.abc import Iterator

from gateway.domain.documents import AccountDocument, document_of
from gateway.domain.marked import Marked
from gateway.domain.marked_yaml import read_marked
from gateway.domain.problems import DocumentError, Problem


def read_documents(text: str, origin: str) -> list[AccountDocument]:
    """Read the account documents of one file: YAML or JSON, one, many, or a top-level list.

    DocumentError lists every problem of every document as `origin:line: field: words`.
    """
    marked = [each for whole in read_marked(text, origin) for each in _each(whole)]
    if not marked:
        raise DocumentError(Problem(origin, 1, "", "holds no account document"))
    found: list[AccountDocument] = []
    problems: list[Problem] = []
    for each in marked:
        try:
            found.append(document_of(each))
        except DocumentError as error:
            problems.extend(error.problems)
    problems.extend(_repeated(found, marked) if not problems else ())
    if problems:
        raise DocumentError(*problems)
    return found


def _each(marked: Marked) -> list[Marked]:
    return marked.items() if isinstance(marked.value, list) else [marked]


def _repeated(found: list[AccountDocument], marked: list[Marked]) -> Iterator[Problem]:
    seen: set[str] = set()
    for document, place in zip(found, marked, strict=True):
        if document.account in seen:
            yield place.problem(("account",), f"account {document.account} stands twice")
        seen.add(document.account)
