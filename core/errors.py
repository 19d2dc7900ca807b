"""The one error type that is shown to people."""

from collections.abc import Sequence


class UserError(Exception):
    """Something a person gave us cannot be used; nothing was changed.

    Attributes:
        what: what is wrong, one sentence.
        where: the file, annotation or field it was found in; may be empty.
        remedy: what to do about it; may be empty.
        problems: every single problem, when there are several of one file.
    """

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", problems: Sequence[str] = ()
    ) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        sentences = f"{head} {self.remedy}".strip()
        return "\n".join([sentences, *(f"  - {problem}" for problem in self.problems)])


class Cancelled(Exception):  # noqa: N818  (a wish, not an error)
    """Raised by a long operation whose caller asked it to stop, after it has cleaned up."""
