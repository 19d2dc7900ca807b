"""From a photo and boxes to what a model says of each person, in image pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.crops import apply_affine, crop_affine, cut_out, invert_affine
from core.data.prediction import FloatArray, Prediction
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.errors import UserError
from core.inference.device import choose_device
from core.models.cards import WEIGHTS_DIR, find_checkpoint
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.outputs import Places, PoseOutput
from core.models.preprocess import normalised

BATCH_SIZE = 32  # persons; twice as many crops, since each is looked at mirrored as well


@dataclass(frozen=True)
class PersonCrop:
    """One person to predict.

    Attributes:
        photo_bgr: (H, W, 3) uint8; shared, never written to.
        box_xywh_px: (4,) image frame, width and height above 0; may lie outside the photo.
        image_id, annotation_id, index: handed on to the prediction.
    """

    photo_bgr: NDArray[np.uint8]
    box_xywh_px: NDArray[np.floating]
    image_id: int = 0
    annotation_id: int | None = None
    index: int = 0


@dataclass(frozen=True)
class HeatMaps:
    """The heat maps of one person, for display.

    Attributes:
        maps: (K, h, w) float32, in 0..1 up to noise.
        map_to_image: (2, 3) float64, from map pixels to image pixels.
    """

    maps: FloatArray
    map_to_image: NDArray[np.float64]


class _Answer(NamedTuple):
    places: Places  # as the codec read them
    p_flag: Tensor  # (B, K, 3)


class Predictor:
    """A loaded model that answers in image pixels.

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
        self._codec = codec_of(config.model)
        self._device = device
        self._flip_test = flip_test
        self._swap = torch.from_numpy(self.skeleton.flip_index).to(device)
        self._model = model.to(device).eval()
        self._model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def predict(
        self,
        photo_bgr: NDArray[np.uint8],
        boxes_xywh_px: NDArray[np.floating],
        *,
        image_id: int = 0,
        annotation_ids: Sequence[int | None] | None = None,
    ) -> list[Prediction]:
        """One prediction per box, in the boxes' order.

        Args:
            photo_bgr: (H, W, 3) uint8.
            boxes_xywh_px: (N, 4) image frame.
            image_id: handed on to the predictions.
            annotation_ids: N ids, handed on; None for persons without an annotation.

        Raises:
            UserError: a box without area, or a picture that is none.
        """
        boxes = np.asarray(boxes_xywh_px, dtype=np.float64).reshape(-1, 4)
        ids = [None] * len(boxes) if annotation_ids is None else annotation_ids
        people = [
            PersonCrop(photo_bgr, box, image_id, annotation_id, index)
            for index, (box, annotation_id) in enumerate(zip(boxes, ids, strict=True))
        ]
        return self.predict_many(people)

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        """One prediction per person, in order; persons of several photos share batches."""
        return [
            prediction
            for start in range(0, len(people), BATCH_SIZE)
            for prediction in self._predict_batch(people[start : start + BATCH_SIZE])
        ]

    def heat_maps(
        self, photo_bgr: NDArray[np.uint8], box_xywh_px: NDArray[np.floating]
    ) -> HeatMaps:
        """The heat maps of the person in a box, and where they lie in the photo."""
        affines, crops = self._cut([PersonCrop(photo_bgr, box_xywh_px)])
        maps = self._codec.maps_of(self._answer(crops).places)[0].cpu().numpy().astype(np.float32)
        map_to_crop = np.vstack([self._codec.map_to_crop, [0, 0, 1]])
        return HeatMaps(maps, invert_affine(affines[0]) @ map_to_crop)

    def _predict_batch(self, people: Sequence[PersonCrop]) -> Iterator[Prediction]:
        affines, crops = self._cut(people)
        answer = self._answer(crops)
        xy_crop, score = self._codec.decode(answer.places)
        xy_image = apply_affine(invert_affine(affines), xy_crop.cpu().numpy()).astype(np.float32)
        heat_score = score.cpu().numpy().astype(np.float32)
        vis3 = answer.p_flag.cpu().numpy().astype(np.float32)
        for place, person in enumerate(people):
            yield Prediction(
                image_id=person.image_id,
                annotation_id=person.annotation_id,
                index=person.index,
                box_xywh_px=np.asarray(person.box_xywh_px, dtype=np.float32),
                xy_image_px=xy_image[place],
                heat_score=heat_score[place],
                presence=1 - vis3[place, :, Visibility.UNLABELLED],
                visible=vis3[place, :, Visibility.VISIBLE],
                vis3=vis3[place],
            )

    def _cut(self, people: Sequence[PersonCrop]) -> tuple[NDArray[np.float64], Tensor]:
        """Affines (B, 2, 3) from photo to crop, and crops (B, 3, H, W) as the network eats them."""
        size = self._config.crop_size_wh_px
        affines, crops = [], []
        for person in people:
            _require_photo(person.photo_bgr)
            affine = crop_affine(
                person.box_xywh_px,
                size,
                padding=self._config.padding,
                alignment=self._config.alignment,
            )
            crop = cut_out(person.photo_bgr, affine, size)
            affines.append(affine)
            crops.append(crop[..., ::-1] if self._config.channel_order == "RGB" else crop)
        stacked = torch.from_numpy(np.stack(crops)).to(self._device)
        return np.stack(affines), normalised(stacked, self._config)

    @torch.inference_mode()
    def _answer(self, crops: Tensor) -> _Answer:
        if not self._flip_test:
            return self._read(self._model(crops))
        straight, mirrored = self._model(crops), self._model(crops.flip(-1))
        a, b = self._read(straight), self._read(mirrored)
        places = self._codec.mean(a.places, self._codec.unmirrored(b.places, self._swap))
        return _Answer(places, (a.p_flag + b.p_flag[:, self._swap]) / 2)

    def _read(self, output: PoseOutput) -> _Answer:
        assert output.flag_logits is not None
        places = self._codec.read(output.places)
        return _Answer(places, output.flag_logits.float().softmax(-1))


def load_predictor(
    model: str,
    *,
    device: str = "auto",
    flip_test: bool = True,
    folders: Sequence[Path] = (WEIGHTS_DIR,),
) -> Predictor:
    """Load a model by name or by its checkpoint folder.

    Args:
        model: a name of `core.models.cards.list_cards`, or a folder.
        device: auto, cpu, cuda, cuda:N or mps.
        flip_test: look at every crop mirrored as well and average: twice the time, better places.
        folders: where names are looked up.

    Raises:
        UserError: no such model, weights that do not fit, no such device.
    """
    chosen = choose_device(device)
    network, config = load_checkpoint(find_checkpoint(model, folders))
    return Predictor(network, config, chosen, flip_test=flip_test)


def _require_photo(photo_bgr: NDArray[np.uint8]) -> None:
    if photo_bgr.ndim != 3 or photo_bgr.shape[2] != 3 or 0 in photo_bgr.shape:
        raise UserError(
            f"This is no colour picture: its shape is {photo_bgr.shape}.",
            remedy="A picture is height x width x 3, 8 bits each.",
        )
