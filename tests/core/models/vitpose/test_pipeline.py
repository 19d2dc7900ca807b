"""From a photo to places: ours beside transformers' own processor, on a folder of the Hub."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.inference.predictor import load_predictor
from core.models.vitpose.hub import add_hub_vitpose
from tests.core.models.vitpose.hub_folders import a_vitpose_folder

BOXES = [[60.0, 30.0, 90.0, 180.0], [150.5, 60.25, 61.0, 60.0], [20.0, 100.0, 200.0, 90.0]]
BLUR_PX = 11


def a_photo() -> NDArray[np.uint8]:
    """Smooth, and dark at its border: where a box leaves the photo scipy and OpenCV differ."""
    import cv2

    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    coarse[[0, -1]], coarse[:, [0, -1]] = 0, 0
    return cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


@pytest.mark.parametrize("simple", [True, False], ids=["simple", "classic"])
def test_places_and_scores_are_those_of_transformers(tmp_path: Path, simple: bool) -> None:
    from transformers import VitPoseForPoseEstimation, VitPoseImageProcessorPil

    folder = a_vitpose_folder(tmp_path / "hub", simple=simple, image_size=(256, 192))
    photo = a_photo()
    processor = VitPoseImageProcessorPil()
    inputs = processor(photo[..., ::-1], boxes=[BOXES], return_tensors="pt")
    with torch.inference_mode():
        output = VitPoseForPoseEstimation.from_pretrained(folder).eval()(**inputs)
    (theirs,) = processor.post_process_pose_estimation(output, boxes=[BOXES])
    add_hub_vitpose(folder, tmp_path / "ours", name="ours")

    predictor = load_predictor(str(tmp_path / "ours"), device="cpu", flip_test=False)
    ours = predictor.predict(photo, np.array(BOXES))

    compared = 0
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert one.heat_score is not None
        wanted = other["keypoints"].numpy()
        # SciPy makes their crops, OpenCV ours: a random network enlarges what differs.
        np.testing.assert_allclose(one.heat_score, other["scores"].clamp(0, 1), atol=3e-3)
        usual = was_refined(one.xy_image_px, output.heatmaps[place].numpy(), BOXES[place])
        np.testing.assert_allclose(one.xy_image_px[usual], wanted[usual], atol=0.1)
        compared += int(usual.sum())
        assert np.ptp(wanted, axis=0).min() > 20  # else they all lie in one place
    assert compared > 20


def was_refined(
    xy_image_px: NDArray[np.float32], maps: NDArray[np.float32], box: list[float]
) -> NDArray[np.bool_]:
    """(K,) where the blurred map has a peak within a map pixel, and the blur's room on all sides.

    Random maps have some highest pixels that are no peak once blurred: there ours stays where
    transformers' jumps. At the edge the two blur otherwise.
    """
    from transformers.models.vitpose.image_processing_pil_vitpose import box_to_center_and_scale

    centre, scale = box_to_center_and_scale(box, image_width=192, image_height=256)
    count, height, width = maps.shape
    size = scale * 200.0
    on_map = (xy_image_px - centre + size / 2) / (size / (np.array([width, height]) - 1))
    highest = maps.reshape(count, -1).argmax(axis=1)
    peak = np.stack([highest % width, highest // width], axis=1)
    room = np.minimum(peak, np.array([width, height]) - 1 - peak).min(axis=1)
    step = np.abs(on_map - peak)
    return (step < 0.999).all(axis=1) & (step > 1e-4).any(axis=1) & (room > BLUR_PX // 2)
