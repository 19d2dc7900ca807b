"""A few large things kept in the process: made once, whoever asks; the least recently used goes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Slot(Generic[Value]):
    """Where one thing is being made or kept."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.made: tuple[Value] | None = None


class Recent(Generic[Key, Value]):
    """The last few things asked for. Every browser session is a thread: all methods may be theirs.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._slots: OrderedDict[Key, _Slot[Value]] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The thing of this key; others are not kept waiting while it is made.

        What `make` raises is raised; then nothing is kept.
        """
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._most:
                self._slots.popitem(last=False)
        with slot.making:
            if slot.made is None:
                slot.made = (make(),)
            return slot.made[0]
