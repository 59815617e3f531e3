"""What is wrong with a document, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the file (or `body`), its line (0 when there are no lines), field and words."""

    origin: str
    line: int
    field: str
    words: str

    def sentence(self) -> str:
        """Return `file:line: field: words`."""
        place = f"{self.origin}:{self.line}" if self.line else self.origin
        return f"{place}: {self.field}: {self.words}" if self.field else f"{place}: {self.words}"


class DocumentError(ValueError):
    """A document that cannot be accepted; its text is one line per problem."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.sentence() for problem in problems))


def field_name(loc: tuple[str | int, ...]) -> str:
    """Return a place as people write it: schedules[0].shifts[1].contact."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")
