"""A lookout: finds the people on a photo by itself, and says the pose of each."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from app.workflow.pace import Pace
from core.data.listing import FoundBy
from core.data.prediction import Prediction

if TYPE_CHECKING:
    from core.inference.person_boxes import PersonFinder
    from core.inference.pose_predictor import PosePredictor
    from core.inference.whole_picture import WholePicturePredictor

MIN_SCORE = 0.3  # what people at a screen want to see; for AP ask for far less
MOST_PEOPLE = 50  # of one photo, the surest; COCO's evaluation counts 20
DETECTION = "detection"  # the pose score that says how sure the finder is of somebody
Turn = Callable[[], AbstractContextManager[None]]


class Lookout:
    """A model and what finds people for it.

    Args:
        finder: None where the model finds people by itself.
        pace: how many persons the model gets in one turn.
        min_score: people the finder is less sure of are left out.
    """

    def __init__(
        self,
        predictor: "PosePredictor",
        finder: "PersonFinder | None",
        pace: Pace,
        *,
        min_score: float = MIN_SCORE,
    ) -> None:
        self.predictor = predictor
        self._finder, self._pace, self._min_score = finder, pace, min_score

    @property
    def found_by(self) -> FoundBy:
        """What finds the people."""
        if self._finder is None:
            name, sha256 = self.predictor.name, self.predictor.checkpoint_sha256
        else:
            name, sha256 = self._finder.name, self._finder.sha256
        return FoundBy(name, sha256, self._min_score)

    def people_on(
        self, photo_bgr: NDArray[np.uint8], *, turn: Turn, image_id: int = 0
    ) -> tuple[list[Prediction], float]:
        """Everybody on a photo (H, W, 3), the surest first, and how long the networks took.

        Scores of a whole pose are multiplied with the finder's (paper 003, 5.3), which is kept
        beside them as `DETECTION`.

        Args:
            turn: holds the processor for one call of a network.
        """
        if self._finder is None:
            with turn():
                began = time.perf_counter()
                found = cast("WholePicturePredictor", self.predictor).find_people(photo_bgr)
                took = time.perf_counter() - began
            sure = (each for each in found if each.pose_scores[DETECTION] >= self._min_score)
            found = list(sure)[:MOST_PEOPLE]
        else:
            found, took = self._one_by_one(self._finder, photo_bgr, turn)
        numbered = [replace(p, image_id=image_id, index=n) for n, p in enumerate(found)]
        return numbered, took

    def _one_by_one(
        self, finder: "PersonFinder", photo_bgr: NDArray[np.uint8], turn: Turn
    ) -> tuple[list[Prediction], float]:
        from core.inference.pose_predictor import PersonCrop

        with turn():
            began = time.perf_counter()
            sure = (each for each in finder.find(photo_bgr) if each.score >= self._min_score)
            people = list(sure)[:MOST_PEOPLE]
            took = time.perf_counter() - began
        waiting = [PersonCrop(photo_bgr, person.box_xywh_px) for person in people]
        found: list[Prediction] = []
        while waiting:
            with turn():
                few, waiting = waiting[: self._pace.persons], waiting[self._pace.persons :]
                began = time.perf_counter()
                found += self.predictor.predict_many(few)
                seconds = time.perf_counter() - began
            self._pace.took(seconds, len(few))
            took += seconds
        return [_rated(p, each.score) for p, each in zip(found, people, strict=True)], took


def _rated(prediction: Prediction, score: float) -> Prediction:
    scores = {name: value * score for name, value in prediction.pose_scores.items()}
    return replace(prediction, pose_scores=scores | {DETECTION: score})
