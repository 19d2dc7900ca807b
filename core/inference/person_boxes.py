"""Finding people: boxes round everybody on a photo, by a detector that `transformers` builds."""

import contextlib
import hashlib
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from core.errors import UserError
from core.inference.device import choose_device
from core.inference.pose_predictor import require_photo
from core.inference.predictor import load_predictor
from core.inference.whole_picture import WholePicturePredictor
from core.models.detector_cards import read_detector_card
from core.models.detector_config import DetectorConfig, read_detector_config
from core.models.hub_folder import WEIGHTS_FILE

MOST_FOUND = 100  # of one photo, the surest
LEAST_SIDE_PX = 2.0  # of a box


@dataclass(frozen=True)
class FoundPerson:
    """Somebody found on a photo.

    Attributes:
        box_xywh_px: (4,) float32, inside the photo.
        score: 0..1, higher = surer that it is a person.
    """

    box_xywh_px: NDArray[np.float32]
    score: float


class PersonFinder(Protocol):
    """Whatever finds people.

    Attributes:
        name: how people call it.
        sha256: of its weights.
    """

    name: str
    sha256: str

    def find(self, photo_bgr: NDArray[np.uint8]) -> list[FoundPerson]:
        """Everybody that may be on a photo (H, W, 3), the surest first, also the hardly believed.

        Raises:
            UserError: it is no picture.
        """


class Detector:
    """RT-DETR, RT-DETRv2 or D-FINE. They need no suppression of overlapping boxes."""

    def __init__(
        self,
        model: nn.Module,
        config: DetectorConfig,
        device: torch.device,
        *,
        name: str,
        sha256: str,
    ) -> None:
        self.name, self.sha256 = name, sha256
        self._model, self._config, self._device = model.to(device).eval(), config, device

    @torch.inference_mode()
    def find(self, photo_bgr: NDArray[np.uint8]) -> list[FoundPerson]:
        """As `PersonFinder.find`."""
        require_photo(photo_bgr)
        said = self._model(self.squeezed(photo_bgr))
        scores = said.logits[0, :, self._config.person].float().sigmoid()  # (Q,)
        surest = scores.argsort(descending=True, stable=True)[:MOST_FOUND]
        boxes = said.pred_boxes[0, surest].double().cpu().numpy()  # (N, 4), shares of the sides
        height, width = photo_bgr.shape[:2]
        found = zip(_clipped(boxes, width, height), scores[surest].tolist(), strict=True)
        return [
            FoundPerson(box.astype(np.float32), score)
            for box, score in found
            if box[2:].min() >= LEAST_SIDE_PX
        ]

    def squeezed(self, photo_bgr: NDArray[np.uint8]) -> Tensor:
        """The photo as the network eats it, (1, 3, h, w) float32.

        By Pillow's bilinear filter, which looks at every pixel when it shrinks (OpenCV's does not)
        and is what these networks were trained with.
        """
        rgb = Image.fromarray(np.ascontiguousarray(photo_bgr[..., ::-1]))
        small = np.array(rgb.resize(self._config.size_wh_px, Image.Resampling.BILINEAR))
        pixels = torch.from_numpy(small).to(self._device).float()  # (h, w, 3)
        mean = torch.tensor(self._config.mean, device=self._device)
        std = torch.tensor(self._config.std, device=self._device)
        return ((pixels - mean) / std).permute(2, 0, 1)[None]


class PoseFinder:
    """A model that looks at whole pictures, asked for nothing but boxes."""

    def __init__(self, model: WholePicturePredictor) -> None:
        self.name, self.sha256 = model.name, model.checkpoint_sha256
        self._model = model

    def find(self, photo_bgr: NDArray[np.uint8]) -> list[FoundPerson]:
        """As `PersonFinder.find`."""
        found = self._model.find_people(photo_bgr)[:MOST_FOUND]
        return [
            FoundPerson(each.box_xywh_px, each.pose_scores["detection"])
            for each in found
            if each.box_xywh_px[2:].min() >= LEAST_SIDE_PX
        ]


def load_detector(folder: Path, *, device: str = "auto") -> Detector:
    """A detector of a folder laid out as on the Hub; nothing of it is run as code.

    Args:
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UserError: no detector, a damaged one, one that does not fit its description, no such
            device.
    """
    chosen = choose_device(device)
    card, config = read_detector_card(folder), read_detector_config(folder)
    model = _built(folder)
    with (folder / WEIGHTS_FILE).open("rb") as opened:  # as they are now, whatever was noted once
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return Detector(model, config, chosen, name=card.name, sha256=sha256)


def load_pose_finder(folder: Path, *, device: str = "auto") -> PoseFinder:
    """A whole-picture model of a checkpoint folder, looked at once, to find people for another.

    Raises:
        UserError: no such model, weights that do not fit, no such device.
    """
    model = load_predictor(str(folder), device=device, flip_test=False)
    assert isinstance(model, WholePicturePredictor)
    return PoseFinder(model)


def _built(folder: Path) -> nn.Module:
    """Raises UserError where description and weights do not go together."""
    from transformers import AutoModelForObjectDetection

    try:
        with _quiet():
            model, said = AutoModelForObjectDetection.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
                dtype=torch.float32,
            )
    except Exception as error:  # whatever a stranger's description makes it stumble over
        raise UserError(
            "This detector cannot be built from its description.",
            where=str(folder),
            remedy="Get it anew, or take another one.",
            problems=[f"{type(error).__name__}: {str(error)[:300]}"],
        ) from error
    problems = [f"missing: {name}" for name in sorted(said["missing_keys"])]
    problems += [f"of another shape: {each}" for each in sorted(map(str, said["mismatched_keys"]))]
    if problems:
        raise UserError(
            "The weights do not fit the description of this detector.",
            where=str(folder),
            problems=problems[:5],
        )
    built: nn.Module = model
    return built


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the progress bars and advice of `transformers`."""
    from transformers.utils import logging as advice

    before = advice.get_verbosity()
    advice.set_verbosity(logging.ERROR)
    advice.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        advice.set_verbosity(before)
        advice.enable_progress_bar()  # type: ignore[no-untyped-call]


def _clipped(boxes: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """(N, 4) centre and size in shares of the photo's sides to xywh in pixels, inside the photo."""
    centre, size = boxes[:, :2], boxes[:, 2:]
    whole = np.array([width, height], dtype=np.float64)
    low = ((centre - size / 2) * whole).clip(0, whole)
    high = ((centre + size / 2) * whole).clip(0, whole)
    return np.hstack([low, high - low])
