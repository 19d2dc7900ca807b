"""A model's way through the photos of a dataset on which it finds the people by itself."""

import time
from collections.abc import Iterator

from app.workflow.dataset_pass import (
    MOST_EXAMPLES,
    STEP_S,
    Alone,
    Cursor,
    StepDone,
    Turns,
    require_folder,
)
from app.workflow.lookout import Lookout
from app.workflow.photos_ahead import PhotosAhead, ReadPhoto
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.person_match import AnnotatedPerson, matched
from core.data.prediction import Prediction
from db import runs
from db.matching import images_with_people


class DetectedPass:
    """A `Way` photo by photo, also over those where nobody is annotated.

    A photo is looked at whole in one step, so that everybody on it is matched at once.

    Args:
        run_id: the run that gets the predictions.
    """

    def __init__(
        self,
        ws: Workspace,
        dataset: DatasetInfo,
        run_id: int,
        lookout: Lookout,
        *,
        turns: Turns | None = None,
    ) -> None:
        self._ws, self._dataset, self._run_id = ws, dataset, run_id
        self._lookout = lookout
        self._turns = turns or Alone()
        self._at: Cursor | None = None  # where `_ahead` goes on
        self._ahead: Iterator[ReadPhoto[AnnotatedPerson]] = iter(())
        self._photos: PhotosAhead[AnnotatedPerson] | None = None

    def step(self, cursor: Cursor) -> StepDone:
        """Look at photos from `cursor` on for about half a second, at one in any case.

        The same step done twice gives the same rows.

        Raises:
            UserError: the photo folder is away, or the run was removed meanwhile.
        """
        self._go_to(cursor)
        self._at = None  # until all is on disk: a step that fails is begun anew
        until = time.monotonic() + STEP_S
        seen: list[ReadPhoto[AnnotatedPerson]] = []
        predictions: list[Prediction] = []
        photo = next(self._ahead, None)
        while photo is not None:
            predictions += self._people_on(photo)
            seen.append(photo)
            if time.monotonic() >= until:
                break
            photo = next(self._ahead, None)
        if any(each.problem for each in seen):
            require_folder(self._dataset)
        runs.insert_predictions(self._ws.engine, self._run_id, predictions)
        self._at = None if photo is None else Cursor(photo.image.position + 1, 0)
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
        wanted = images_with_people(
            self._ws.engine, self._dataset.id, from_position=cursor.position
        )
        self._photos = PhotosAhead(self._ws, self._dataset, wanted, self._turns.let_pass)
        self._ahead = iter(self._photos)

    def _people_on(self, photo: ReadPhoto[AnnotatedPerson]) -> list[Prediction]:
        if photo.photo_bgr is None:
            return []
        found, _ = self._lookout.people_on(
            photo.photo_bgr, turn=self._turns.turn, image_id=photo.image.id
        )
        return matched(found, photo.people, self._lookout.predictor.skeleton.names)

    def _done(self, seen: list[ReadPhoto[AnnotatedPerson]], persons: int) -> StepDone:
        unread = [f"{each.image.file_name}: {each.problem}" for each in seen if each.problem]
        at = self._at
        fraction = 1.0 if at is None else at.position / self._dataset.num_images
        few = tuple(unread[:MOST_EXAMPLES])
        return StepDone(at, persons, len(seen), len(unread), few, fraction)
