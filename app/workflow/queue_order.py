"""The order of a queue: which people or keypoints match its filters, and who comes first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.data.prediction import FloatArray
from core.data.visibility import Visibility
from core.label_consistency.scores import NO_FLAG, most_doubtful_first

if TYPE_CHECKING:
    from app.workflow.ranking import Ranking

NOBODY = NOWHERE = -1


@dataclass(frozen=True)
class OrderKey:
    """What an order depends on, whoever goes through it and whatever is reviewed.

    Attributes:
        of_keypoints: items are keypoints, else people.
        by_suspicion: the most doubtful first, else as in the file.
        keypoint: only keypoints of this name.
        given, suggested: only keypoints with this flag as imported, by the run.
        suspicion: only keypoints with at least this much.
    """

    of_keypoints: bool
    by_suspicion: bool
    keypoint: str | None
    given: Visibility | None
    suggested: Visibility | None
    suspicion: float


@dataclass(frozen=True)
class Order:
    """The items of a queue, the first to look at first.

    Attributes:
        items: (M,) rows of the ranking; in a queue of keypoints row * K + keypoint.
        place: (N,) or (N * K,) where each is in `items`; `NOWHERE` for what is not.
        matching: (N, K) bool, the keypoints that match every filter.
        first: (N,) the most doubtful matching keypoint of each row; `NOBODY` without.
    """

    items: NDArray[np.int32]
    place: NDArray[np.int32]
    matching: NDArray[np.bool_]
    first: NDArray[np.int16]


def order_of(ranking: "Ranking", key: OrderKey) -> Order:
    """The order of the people of a ranking, or of their keypoints."""
    matching = _matching(ranking, key)
    doubt, first = _most_doubtful(ranking, matching)
    if key.of_keypoints:
        items = np.flatnonzero(matching)
        doubts = ranking.suspicion.reshape(-1)[items] if key.by_suspicion else None
    else:
        items = np.flatnonzero(matching.any(axis=1))
        doubts = doubt[items] if key.by_suspicion else None
    if doubts is not None:
        items = items[most_doubtful_first(doubts)]
    place = np.full(matching.size if key.of_keypoints else len(matching), NOWHERE, np.int32)
    place[items] = np.arange(len(items), dtype=np.int32)
    return Order(items.astype(np.int32), place, matching, first)


def _matching(ranking: "Ranking", key: OrderKey) -> NDArray[np.bool_]:
    given = ranking.given
    matching: NDArray[np.bool_] = given != NO_FLAG if key.given is None else given == key.given
    if key.keypoint is not None:
        named = np.zeros((len(ranking.skeletons), ranking.width), np.bool_)
        for index, skeleton in enumerate(ranking.skeletons):
            named[index, : skeleton.size] = [name == key.keypoint for name in skeleton.names]
        matching &= named[ranking.skeleton]
    if key.suggested is not None:
        matching &= ranking.suggested == key.suggested
    if key.suspicion > 0:
        matching &= ranking.suspicion >= np.float32(key.suspicion)
    return matching


def _most_doubtful(
    ranking: "Ranking", matching: NDArray[np.bool_]
) -> tuple[FloatArray, NDArray[np.int16]]:
    """(N,) the highest suspicion among the matching keypoints of each, NaN for none, and whose."""
    doubts = np.where(matching, ranking.suspicion, np.float32(np.nan))
    doubts[np.isnan(doubts)] = -1
    if not doubts.size:
        return np.zeros(0, np.float32), np.zeros(0, np.int16)
    first = doubts.argmax(axis=1)
    doubt = doubts[np.arange(len(doubts)), first]
    nobody = doubt < 0
    return np.where(nobody, np.float32(np.nan), doubt), np.where(nobody, NOBODY, first).astype(
        np.int16
    )
