"""From a photo and boxes to what a top-down network says of each person, in image pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.crops import apply_affine, invert_affine
from core.data.prediction import FloatArray, Prediction, p_of_flags
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.errors import UserError
from core.inference.crop_batch import CropBatch, cut_people, people_at_once
from core.inference.device import choose_device
from core.inference.flip_test import averaged
from core.inference.pose_predictor import HeatMaps, PersonCrop, PosePredictor, people_in
from core.inference.pose_scores import pose_scores
from core.inference.precision import in_bfloat16
from core.inference.whole_picture import WholePicturePredictor
from core.models.answers import Answer, read
from core.models.cards import WEIGHTS_DIR, find_checkpoint
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.codecs.config import GridConfig
from core.models.preprocess import normalised


class Predictor:
    """A loaded top-down network that answers in image pixels.

    Attributes:
        name: the model's.
        checkpoint_sha256: of its weights.
        skeleton: the keypoints it predicts, in its order.
    """

    def __init__(
        self,
        model: nn.Module,
        config: CheckpointConfig,
        device: torch.device,
        *,
        flip_test: bool,
        bfloat16: bool = False,
    ) -> None:
        self.name = config.name
        self.checkpoint_sha256 = config.weights_sha256
        self.skeleton: Skeleton = config.model.skeleton
        self._config = config.model
        self._codec = codec_of(config.model)
        self._device = device
        self._flip_test = flip_test
        self._bfloat16 = bfloat16
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
        """As `PosePredictor.predict`."""
        people = people_in(
            photo_bgr, boxes_xywh_px, image_id=image_id, annotation_ids=annotation_ids
        )
        return self.predict_many(people)

    def predict_many(self, people: Sequence[PersonCrop]) -> list[Prediction]:
        """As `PosePredictor.predict_many`; each field is None where the network says nothing."""
        at_once = people_at_once(self._config)
        return [
            prediction
            for start in range(0, len(people), at_once)
            for prediction in self._predict_batch(people[start : start + at_once])
        ]

    def heat_maps(
        self, photo_bgr: NDArray[np.uint8], box_xywh_px: NDArray[np.floating]
    ) -> HeatMaps:
        """As `PosePredictor.heat_maps`; of SimCC the product of its two axes."""
        batch = cut_people([PersonCrop(photo_bgr, box_xywh_px)], self._config)
        maps = self._codec.maps_of(self._answer(batch).places)[0]
        map_to_crop = np.vstack([self._codec.map_to_crop, [0, 0, 1]])
        return HeatMaps(_array(maps), invert_affine(batch.to_crop[0]) @ map_to_crop)

    def compile(self) -> None:
        """Let PyTorch compile the network, once for all numbers of persons.

        Raises:
            UserError: this machine has no compiler that PyTorch can use.
        """
        width, height = self._config.crop_size_wh_px
        some = [PersonCrop(np.zeros((height, width, 3), np.uint8), np.array([0, 0, width, height]))]
        eager = self._model
        self._model = torch.compile(eager, dynamic=True)  # type: ignore[assignment]
        try:
            self.predict_many(some * 3)  # a batch of one would be compiled for itself
        except torch._dynamo.exc.TorchDynamoException as error:
            self._model = eager
            raise UserError(
                f"This machine cannot compile networks ({type(error).__name__}).",
                where=self.name,
                remedy="Leave `compiled` out, or install a C++ compiler.",
            ) from error

    def _predict_batch(self, people: Sequence[PersonCrop]) -> Iterator[Prediction]:
        batch = cut_people(people, self._config)
        answer = self._answer(batch)
        xy_crop, heat_score = map(_array, self._codec.decode(answer.places))
        xy_image = apply_affine(invert_affine(batch.to_crop), xy_crop).astype(np.float32)
        said = {"heat_score": heat_score, **_visibility(answer)}
        for row, person in enumerate(people):
            prediction = Prediction(
                image_id=person.image_id,
                annotation_id=person.annotation_id,
                index=person.index,
                box_xywh_px=np.asarray(person.box_xywh_px, dtype=np.float32),
                xy_image_px=xy_image[row],
                **{name: array[row] for name, array in said.items()},
            )
            scores = pose_scores(prediction, heat_limit=self._codec.heat_limit)
            yield replace(prediction, pose_scores=scores)

    @torch.inference_mode()
    def _answer(self, batch: CropBatch) -> Answer:
        crops = normalised(torch.from_numpy(batch.pixels).to(self._device), self._config)
        try:
            straight = self._look(crops)
            if not self._flip_test:
                return straight
            return averaged(straight, self._look(crops.flip(-1)), self._swap, self._codec)
        except torch.OutOfMemoryError as error:
            raise UserError(
                f"The memory of {self._device} does not hold {len(crops)} crops at a time.",
                where=self.name,
                remedy="End what else runs on it, or choose the device cpu.",
            ) from error

    def _look(self, crops: Tensor) -> Answer:
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            output = self._model(crops)
        return read(output, self._codec)


def load_predictor(
    model: str,
    *,
    device: str = "auto",
    flip_test: bool = True,
    precision: str = "float32",
    compiled: bool = False,
    folders: Sequence[Path] = (WEIGHTS_DIR,),
) -> PosePredictor:
    """Load a model by name or by its checkpoint folder.

    Args:
        model: a name of `core.models.cards.list_cards`, or a folder.
        device: auto, cpu, cuda, cuda:N or mps.
        flip_test: look at every crop mirrored as well and average: twice the time, better places.
        precision: of `core.inference.precision.PRECISIONS`; top-down networks alone.
        compiled: let PyTorch compile the network: slow to begin with, faster later; as before.
        folders: where names are looked up.

    Raises:
        UserError: no such model, weights that do not fit, no such device or precision, or a
            machine that cannot compile.
    """
    chosen = choose_device(device)
    bfloat16 = in_bfloat16(precision, chosen)
    network, config = load_checkpoint(find_checkpoint(model, folders))
    if isinstance(config.model.codec, GridConfig):
        return WholePicturePredictor(network, config, chosen, flip_test=flip_test)
    predictor = Predictor(network, config, chosen, flip_test=flip_test, bfloat16=bfloat16)
    if compiled:
        predictor.compile()
    return predictor


def _visibility(answer: Answer) -> dict[str, FloatArray]:
    """What is said of visibility and of how right places are, by the fields of `Prediction`.

    A ternary model says presence and visible by its flags; one that says both apart, the flags by
    `p_of_flags`.
    """
    said = {
        name: _array(tensor)
        for name, tensor in (
            ("vis3", answer.flags),
            ("presence", answer.presence),
            ("visible", answer.visible),
            ("keypoint_similarity", answer.similarity),
        )
        if tensor is not None
    }
    if "vis3" in said:
        said.setdefault("presence", 1 - said["vis3"][..., Visibility.UNLABELLED])
        said.setdefault("visible", said["vis3"][..., Visibility.VISIBLE])
    elif "presence" in said and "visible" in said:
        said["vis3"] = p_of_flags(said["presence"], said["visible"])
    return said


def _array(tensor: Tensor) -> FloatArray:
    return tensor.cpu().numpy().astype(np.float32, copy=False)
