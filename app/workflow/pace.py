"""How many persons a model gets at once, so that nobody waits long for it."""

MOST_PERSONS = 32  # more at once is no faster on any device


class Pace:
    """Learns how many persons a model manages in a given time.

    Attributes:
        persons: to give it next; at least 1, however slow it is.
    """

    def __init__(self, seconds: float) -> None:
        self.persons = 1
        self._seconds = seconds

    def took(self, seconds: float, persons: int) -> None:
        """Learn from one call; at most doubles, so that a lucky one misleads little."""
        fitting = int(persons * self._seconds / max(seconds, 1e-6))
        self.persons = max(1, min(fitting, 2 * self.persons, MOST_PERSONS))
