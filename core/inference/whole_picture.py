"""HybridPose on photos: everybody is found and posed in one look at the whole picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.data.letterbox import letterboxed, tight_canvas
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton
from core.errors import UserError
from core.inference.found_people import (
    FoundPeople,
    Look,
    in_photo,
    merged,
    person_of_each_box,
)
from core.inference.pose_predictor import HeatMaps, PersonCrop, people_in, require_photo
from core.models.checkpoint_config import CheckpointConfig
from core.models.hybridpose.codec import grid_codec
from core.models.hybridpose.config import LARGEST_STRIDE, STRIDES, HybridPoseConfig
from core.models.hybridpose.outputs import GridOutput
from core.models.preprocess import normalised

AT_ONCE = 4  # photos

# Size of the input over the model's own, and whether it is mirrored. Three looks as KAPAO's test:
# the middle one is seen mirrored alone.
ONE_LOOK: tuple[tuple[float, bool], ...] = ((1.0, False),)
THREE_LOOKS: tuple[tuple[float, bool], ...] = ((0.8, False), (1.0, True), (1.2, False))


class _Seen(NamedTuple):
    """A photo as the network sees it once."""

    photo: int
    canvas_bgr: NDArray[np.uint8]
    look: Look


class WholePicturePredictor:
    """A loaded HybridPose that answers in image pixels.

    Of each person it says places, `map_score` (the visibility map at the keypoint) and
    `pose_scores["detection"]` (objectness). It says neither heat scores nor presence nor flags: the
    paper gives no threshold that would make a flag of a map.

    Attributes:
        name: the model's.
        checkpoint_sha256: of its weights.
        skeleton: the keypoints it predicts, in its order.
    """

    def __init__(
        self, model: nn.Module, config: CheckpointConfig, device: torch.device, *, flip_test: bool
    ) -> None:
        self.name = config.name
        self.checkpoint_sha256 = config.weights_sha256
        self.skeleton: Skeleton = config.model.skeleton
        self._config = config.model
        assert isinstance(config.model.network, HybridPoseConfig)
        self._network_config = config.model.network
        self._codec = grid_codec(config.model)
        self._device = device
        self._looks = THREE_LOOKS if flip_test else ONE_LOOK
        # People of one photo may be asked for in several calls; it is looked at in the first.
        self._before: tuple[NDArray[np.uint8], FoundPeople] | None = None
        self._model = model.to(device).eval()
        self._model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def find_people(self, photo_bgr: NDArray[np.uint8], *, image_id: int = 0) -> list[Prediction]:
        """Everybody on a photo (H, W, 3) uint8, the surest first; `index` counts from 0.

        Everybody above the codec's `least_score`, 0.001 unless it says otherwise: what a metric
        wants, more than a person wants to see.
        """
        found = self._found([photo_bgr])[0]
        return [
            _prediction(PersonCrop(photo_bgr, box, image_id, index=n), found, n)
            for n, box in enumerate(found.boxes_xywh_px)
        ]

    def predict(
        self,
        photo_bgr: NDArray[np.uint8],
        boxes_xywh_px: NDArray[np.floating],
        *,
        image_id: int = 0,
        annotation_ids: Sequence[int | None] | None = None,
    ) -> list[Prediction]:
        """One prediction per box (N, 4), in the boxes' order; see `predict_many`."""
        people = people_in(
            photo_bgr, boxes_xywh_px, image_id=image_id, annotation_ids=annotation_ids
        )
        return self.predict_many(people)

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        """One prediction per person, in order; a photo they share is looked at once.

        The network finds people by itself: a box gets the person found in it, and nobody is in two
        boxes of one call. Who was not found has NaN places and map scores and no pose score: not
        predicted. The prediction keeps the box that was asked for.

        Raises:
            UserError: a box without area, or a picture that is none.
        """
        rows_of: dict[int, list[int]] = {}
        for row, person in enumerate(people):
            rows_of.setdefault(id(person.photo_bgr), []).append(row)
        groups = list(rows_of.values())
        answers: dict[int, Prediction] = {}
        for start in range(0, len(groups), AT_ONCE):
            now = groups[start : start + AT_ONCE]
            photos = [people[rows[0]].photo_bgr for rows in now]
            for rows, found in zip(now, self._found(photos), strict=True):
                answers |= _answers(people, rows, found)
        return [answers[row] for row in range(len(people))]

    def heat_maps(
        self, photo_bgr: NDArray[np.uint8], box_xywh_px: NDArray[np.floating]
    ) -> HeatMaps:
        """The visibility maps that the person in a box comes from; they show the whole picture.

        Where nobody is found in the box, those of the anchor that is most like it.

        Raises:
            UserError: a box without area, or a picture that is none.
        """
        box = _with_area(box_xywh_px)
        seen = self._see([photo_bgr], 1.0, mirrored=False)[0]
        output, found = self._look_at([seen])
        people = merged(found, self._codec.reading)
        person = int(person_of_each_box(box[None], people)[0])
        placement = seen.look.placement
        if person >= 0:
            level, anchor = int(people.level[person]), int(people.anchor[person])
        else:
            level, anchor = self._most_like(placement.boxes_on(box)[2:])
        maps = output.levels[level].maps[0, anchor].float().sigmoid()
        stride, scale = STRIDES[level], placement.scale_xy
        # The centre of the first cell lies half a stride from the input's corner.
        first = (stride / 2 - np.array(placement.corner_xy_px)) / scale - 0.5
        map_to_image = np.hstack([np.diag(stride / scale), first[:, None]])
        return HeatMaps(maps.cpu().numpy(), map_to_image)

    def _found(self, photos: Sequence[NDArray[np.uint8]]) -> list[FoundPeople]:
        """Everybody on each photo, of all looks; a photo seen last is not looked at again."""
        if self._before is not None and any(self._before[0] is photo for photo in photos):
            known, found = self._before
            others = iter(self._looked_at([photo for photo in photos if photo is not known]))
            return [found if photo is known else next(others) for photo in photos]
        return self._looked_at(photos)

    def _looked_at(self, photos: Sequence[NDArray[np.uint8]]) -> list[FoundPeople]:
        """Everybody on each photo, of all looks."""
        seen = [
            one
            for scale, mirrored in self._looks
            for one in self._see(photos, scale, mirrored=mirrored)
        ]
        by_shape: dict[tuple[int, ...], list[_Seen]] = {}
        for one in seen:
            by_shape.setdefault(one.canvas_bgr.shape, []).append(one)
        people: list[list[FoundPeople]] = [[] for _ in photos]
        for alike in by_shape.values():
            for one, found in zip(alike, self._look_at(alike)[1], strict=True):
                people[one.photo].append(found)
        answers = [merged(looks, self._codec.reading) for looks in people]
        if photos:
            self._before = photos[-1], answers[-1]
        return answers

    def _see(
        self, photos: Sequence[NDArray[np.uint8]], scale: float, *, mirrored: bool
    ) -> list[_Seen]:
        """Photos as the network sees them, on canvases without needless grey.

        Deviation from KAPAO, which scales the letterboxed picture: each photo is scaled once.
        """
        seen = []
        for number, photo in enumerate(photos):
            require_photo(photo)
            width, height = (
                round(side * scale / LARGEST_STRIDE) * LARGEST_STRIDE
                for side in self._config.crop_size_wh_px
            )
            canvas_wh = tight_canvas(
                (photo.shape[1], photo.shape[0]), (width, height), multiple=LARGEST_STRIDE
            )
            canvas, placement = letterboxed(photo, canvas_wh, fill=self._network_config.fill)
            look = Look(placement, canvas_wh[0], mirrored)
            seen.append(_Seen(number, canvas[:, ::-1] if mirrored else canvas, look))
        return seen

    @torch.inference_mode()
    def _look_at(self, seen: Sequence[_Seen]) -> tuple[GridOutput, list[FoundPeople]]:
        """What the network says of pictures of one size, and the persons that may be there."""
        stacked = np.stack([one.canvas_bgr for one in seen])
        if self._config.channel_order == "RGB":
            stacked = stacked[..., ::-1]
        crops = torch.from_numpy(np.ascontiguousarray(stacked)).to(self._device)
        output: GridOutput = self._model(normalised(crops, self._config))
        candidates = self._codec.candidates(output)
        swap = self.skeleton.flip_index
        return output, [in_photo(candidates, n, one.look, swap) for n, one in enumerate(seen)]

    def _most_like(self, size_wh_px: NDArray[np.floating]) -> tuple[int, int]:
        """Level and anchor whose sides differ least from those of a box, as a ratio."""
        anchors = np.array([self._network_config.anchors_of(n) for n in range(len(STRIDES))])
        ratio = size_wh_px / anchors  # (L, A, 2)
        worst = np.maximum(ratio, 1 / ratio).max(axis=-1)
        level, anchor = np.unravel_index(worst.argmin(), worst.shape)
        return int(level), int(anchor)


def _answers(
    people: Sequence[PersonCrop], rows: Sequence[int], found: FoundPeople
) -> dict[int, Prediction]:
    """Predictions of the persons at `rows`, who are on one photo."""
    boxes = np.array([_with_area(people[row].box_xywh_px) for row in rows])
    persons = person_of_each_box(boxes, found)
    return {
        row: _prediction(people[row], found, int(person))
        for row, person in zip(rows, persons, strict=True)
    }


def _prediction(asked: PersonCrop, found: FoundPeople, person: int) -> Prediction:
    """What is said of one person; NaN throughout for -1, somebody who was not found."""
    size = found.map_score.shape[1]
    known = person >= 0
    return Prediction(
        image_id=asked.image_id,
        annotation_id=asked.annotation_id,
        index=asked.index,
        box_xywh_px=np.asarray(asked.box_xywh_px, dtype=np.float32),
        xy_image_px=found.xy_px[person] if known else np.full((size, 2), np.nan, np.float32),
        map_score=found.map_score[person] if known else np.full(size, np.nan, np.float32),
        pose_scores={"detection": float(found.score[person])} if known else {},
    )


def _with_area(box_xywh_px: NDArray[np.floating]) -> NDArray[np.float64]:
    box = np.asarray(box_xywh_px, dtype=np.float64)
    if not np.isfinite(box).all() or box[2] <= 0 or box[3] <= 0:
        raise UserError(
            f"The box ({', '.join(f'{side:g}' for side in box)}) has no area.",
            remedy="A box is x, y, width, height in pixels with width and height above 0.",
        )
    return box
