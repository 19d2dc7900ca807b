"""Many rows at once as whole columns, past the ORM and past SQLAlchemy's rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select
from sqlalchemy.orm import Session

from core.data.prediction import FloatArray

_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Packed:
    """A column of packed values: all bytes one behind the other, and (N,) how many each row has."""

    whole: bytes
    sizes: NDArray[np.int64]

    @property
    def floats(self) -> FloatArray:
        """All float32 one behind the other."""
        return np.frombuffer(self.whole, "<f4").astype(np.float32, copy=False)


def read_columns(
    session: Session, query: Select[*tuple[Any, ...]], *, numbers: int
) -> tuple[list[NDArray[np.int64]], list[Packed]]:
    """The columns of a query, first whole numbers, then packed values.

    Twice as fast as SQLAlchemy's rows, and in parts small enough for the processor's cache.
    """
    cursor = session.connection().execute(query).cursor
    count = len(query.selected_columns)
    parts: list[list[Any]] = [[] for _ in range(count)]
    sizes: list[list[int]] = [[] for _ in range(count)]
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        for n, values in enumerate(zip(*rows, strict=True)):
            if n < numbers:
                parts[n].append(np.array(values, np.int64))
            else:
                parts[n].append(b"".join(values))
                sizes[n] += map(len, values)
    none = np.zeros(0, np.int64)
    return (
        [np.concatenate([none, *parts[n]]) for n in range(numbers)],
        [Packed(b"".join(parts[n]), np.array(sizes[n], np.int64)) for n in range(numbers, count)],
    )
