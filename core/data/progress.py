"""How long operations say how far they are and are asked to stop."""

from collections.abc import Callable

OnProgress = Callable[[float], None]  # fraction done, 0..1
Cancelled = Callable[[], bool]  # True: clean up, then raise core.errors.Cancelled


def ignore(fraction: float) -> None:
    """The listener of a caller who does not look."""


def never() -> bool:
    """The wish of a caller who waits to the end."""
    return False
