"""A model's way through a dataset, step by step, from any place on."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from app.workflow.pace import Pace
from app.workflow.photos_ahead import PhotosAhead, ReadPhoto
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.data.prediction import Prediction
from core.errors import UserError
from db import people, runs
from db.people import PersonBox

if TYPE_CHECKING:
    from core.inference.pose_predictor import PosePredictor

STEP_S = 0.5  # a wish to stop is looked at between steps
MOST_EXAMPLES = 100  # of photos that could not be read


class Cursor(NamedTuple):
    """Where to go on.

    Attributes:
        position: place of the image in its dataset.
        person: place among those looked at on this image.
    """

    position: int
    person: int


START = Cursor(0, 0)


@dataclass(frozen=True)
class StepDone:
    """What one step did.

    Attributes:
        next: where the next one begins; None where all is done.
        persons: predicted and on disk.
        photos: whose last person was looked at, those that could not be read included.
        missing: photos that could not be read.
        examples: their file names with why, the first of them.
        fraction: of the dataset, with the steps before.
    """

    next: Cursor | None
    persons: int
    photos: int
    missing: int
    examples: tuple[str, ...]
    fraction: float


@dataclass(frozen=True)
class PhotosSeen:
    """How many photos several steps looked at.

    Attributes:
        photos: with somebody on them, those that could not be read included.
        missing: photos that could not be read.
        examples: their file names with why, the first of them.
    """

    photos: int = 0
    missing: int = 0
    examples: tuple[str, ...] = ()

    def and_these(self, done: StepDone) -> "PhotosSeen":
        """These and those of one step more."""
        return PhotosSeen(
            self.photos + done.photos,
            self.missing + done.missing,
            (self.examples + done.examples)[:MOST_EXAMPLES],
        )


class Turns(Protocol):
    """Who else wants the processor."""

    def turn(self) -> AbstractContextManager[None]:
        """Hold the processor while inside, after those who come first."""

    def let_pass(self) -> None:
        """Wait while those who come first are at work."""


class Way(Protocol):
    """A way through a dataset that can be gone on with from any place."""

    def step(self, cursor: Cursor) -> StepDone:
        """Go on from `cursor` for about half a second; what was found is on disk at the end."""

    def close(self) -> None:
        """Let go of photos and threads."""


class Alone:
    """Nobody else wants it."""

    def turn(self) -> AbstractContextManager[None]:
        """Hold the processor."""
        return nullcontext()

    def let_pass(self) -> None:
        """Nobody to wait for."""


class _Seen(NamedTuple):
    person: PersonBox
    photo: ReadPhoto[PersonBox]

    @property
    def is_last(self) -> bool:
        """Whether nobody comes after them on their photo."""
        return self.person is self.photo.people[-1]


class DatasetPass:
    """One model's way through everybody annotated; photos of the next step are read during this.

    Args:
        run_id: the run that gets the predictions.
        pace: how many persons the model gets in one turn.
    """

    def __init__(
        self,
        ws: Workspace,
        dataset: DatasetInfo,
        run_id: int,
        predictor: "PosePredictor",
        *,
        pace: Pace | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._ws, self._dataset, self._run_id = ws, dataset, run_id
        self._predictor = predictor
        self._pace = pace or Pace(STEP_S)
        self._turns = turns or Alone()
        self._at: Cursor | None = None  # where `_ahead` goes on
        self._ahead: Iterator[_Seen] = iter(())
        self._photos: PhotosAhead[PersonBox] | None = None

    def step(self, cursor: Cursor) -> StepDone:
        """Predict for about half a second from `cursor` on; the rows are on disk at the end.

        The same step done twice gives the same rows.

        Raises:
            UserError: the photo folder is away, or the run was removed meanwhile.
        """
        self._go_to(cursor)
        self._at = None  # until all is on disk: a step that fails is begun anew
        until = time.monotonic() + STEP_S
        seen: list[_Seen] = []
        predictions: list[Prediction] = []
        at_end = False
        while not at_end and (not seen or time.monotonic() < until):
            few, at_end = self._few(until)
            predictions += self._predict(few)
            seen += few
        if any(each.photo.problem for each in seen):
            require_folder(self._dataset)
        runs.insert_predictions(self._ws.engine, self._run_id, predictions)
        self._at = None if at_end else _after(seen[-1])
        return self._done(seen, len(predictions))

    def close(self) -> None:
        """Let go of photos and threads."""
        if self._photos is not None:
            self._photos.close()
        self._at, self._ahead, self._photos = None, iter(()), None

    def _go_to(self, cursor: Cursor) -> None:
        if self._at == cursor:
            return
        self.close()
        wanted = self._persons_by_photo(cursor.position)
        self._photos = PhotosAhead(self._ws, self._dataset, wanted, self._turns.let_pass)
        self._ahead = (
            _Seen(person, photo)
            for photo in self._photos
            for person in photo.people
            if (person.image.position, person.index) >= cursor
        )

    def _persons_by_photo(self, position: int) -> Iterator[tuple[ImageInfo, tuple[PersonBox, ...]]]:
        for batch in people.boxes(self._ws.engine, self._dataset.id, from_position=position):
            for image, persons in groupby(batch, key=lambda person: person.image):
                yield image, tuple(persons)

    def _few(self, until: float) -> tuple[list[_Seen], bool]:
        """Persons for one call of the model, fewer where photos come slowly; whether all are done.

        Somebody comes in any case, so that every step gets on.
        """
        few: list[_Seen] = []
        for seen in self._ahead:
            few.append(seen)
            if len(few) >= self._pace.persons or time.monotonic() >= until:
                return few, False
        return few, True

    def _predict(self, seen: list[_Seen]) -> list[Prediction]:
        from core.inference.pose_predictor import PersonCrop

        crops = [
            PersonCrop(
                photo.photo_bgr,
                np.array(person.box_xywh_px, np.float32),
                person.image.id,
                person.annotation_id,
                person.index,
            )
            for person, photo in seen
            if photo.photo_bgr is not None
        ]
        if not crops:
            return []
        with self._turns.turn():
            began = time.perf_counter()
            found = self._predictor.predict_many(crops)
            self._pace.took(time.perf_counter() - began, len(crops))
        return found

    def _done(self, seen: list[_Seen], persons: int) -> StepDone:
        whole = [each for each in seen if each.is_last]
        unread = [
            f"{person.image.file_name}: {photo.problem}" for person, photo in whole if photo.problem
        ]
        at = self._at
        fraction = 1.0 if at is None else at.position / self._dataset.num_images
        few = tuple(unread[:MOST_EXAMPLES])
        return StepDone(at, persons, len(whole), len(unread), few, fraction)


def _after(seen: _Seen) -> Cursor:
    image, index = seen.person.image, seen.person.index
    return Cursor(image.position + 1, 0) if seen.is_last else Cursor(image.position, index + 1)


def require_folder(dataset: DatasetInfo) -> None:
    """Pass when the photo folder is there: one that is away is no folder of missing photos.

    Raises:
        UserError: there is none, or it is away.
    """
    if dataset.images_dir is None:
        raise UserError(
            f"Dataset {dataset.name} has no photo folder.",
            remedy="Say where its photos are with `move-photos`.",
        )
    if not dataset.images_dir.is_dir():
        raise UserError(
            f"The photo folder of dataset {dataset.name} is not there.",
            where=str(dataset.images_dir),
            remedy="Bring it back, or say where it is now with `move-photos`.",
        )
