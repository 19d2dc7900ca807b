"""Decoding for UDP and DARK against an independent reference: ViTPose's own, in transformers."""

import numpy as np
import pytest
import torch

from core.data.crops import apply_affine, crop_affine, cut_out, invert_affine
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec

vitpose = pytest.importorskip("transformers.models.vitpose.image_processing_pil_vitpose")

SIZE = (192, 256)
# transformers blurs with a sigma of 0.8; the authors' code, by OpenCV, with 2 for a width of 11.
CODEC = HeatmapCodec(HeatmapConfig((48, 64), refine="dark", blur_sigma_px=0.8), SIZE, "udp")
BOX = np.array([30.0, 40, 100, 180])


def theirs(maps: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Places in the photo (B, K, 2) and scores (B, K)."""
    centre, scale = vitpose.box_to_center_and_scale(BOX, *SIZE)
    places, scores = vitpose.VitPoseImageProcessorPil().keypoints_from_heatmaps(
        maps.numpy().copy(), np.stack([centre] * len(maps)), np.stack([scale] * len(maps))
    )
    return places, scores[..., 0]


def ours(maps: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    xy, scores = CODEC.decode(CODEC.read(maps))
    to_photo = invert_affine(crop_affine(BOX, SIZE, alignment="udp"))
    return apply_affine(to_photo, xy.numpy()), scores.numpy()


def answers(*, edge_px: float) -> torch.Tensor:
    """Maps as networks make them: one peak of any height, a lower one elsewhere, soft noise."""
    random = torch.Generator().manual_seed(0)
    room = torch.tensor([SIZE[0] - 1.0, SIZE[1] - 1.0])

    def somewhere(margin: float) -> torch.Tensor:
        return torch.rand(8, 17, 2, generator=random) * (room - 2 * margin) + margin

    height = 0.3 + 0.7 * torch.rand(8, 17, 1, 1, generator=random)
    first = CODEC.encode(somewhere(edge_px)) * height
    second = CODEC.encode(somewhere(edge_px)) * height * 0.7
    noise = torch.randn(8, 17, 64, 48, generator=random)
    soft = torch.nn.functional.avg_pool2d(noise, 5, 1, 2) * 0.05
    return torch.maximum(first, second) + soft


def test_inside_the_map_places_and_scores_are_theirs():
    maps = answers(edge_px=16)  # four map pixels, where a blur of 0.8 ends
    (found, score), (expected, expected_score) = ours(maps), theirs(maps)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    np.testing.assert_allclose(score, expected_score, atol=1e-6)


def test_at_the_edge_of_the_map_ours_are_nearer_to_the_truth():
    # Theirs mirrors the map at its edge, which bends the peak there; ours cuts the kernel.
    xy = torch.tensor([[[x, 100.0] for x in np.linspace(0, 8, 17)]])
    maps = CODEC.encode(xy)
    truth = apply_affine(invert_affine(crop_affine(BOX, SIZE, alignment="udp")), xy.numpy())
    off = {name: np.abs(found(maps)[0] - truth).max() for name, found in
           (("ours", ours), ("theirs", theirs))}  # fmt: skip
    assert off["ours"] < 0.01
    assert off["theirs"] > 0.2


def test_the_crop_is_the_one_they_cut():
    random = np.random.default_rng(0)
    photo = np.repeat(np.repeat(random.integers(0, 255, (15, 20, 3)), 20, 0), 20, 1).astype(
        np.uint8
    )
    processor = vitpose.VitPoseImageProcessorPil(do_normalize=False)
    (expected,) = processor(photo, boxes=[[BOX.tolist()]])["pixel_values"]
    ours = cut_out(photo, crop_affine(BOX, SIZE, alignment="udp"), SIZE)
    difference = np.abs(ours.transpose(2, 0, 1) / 255 - expected)
    # Theirs interpolates in floating point, OpenCV at 1/32 of a pixel.
    assert np.quantile(difference, 0.99) < 0.02
    assert np.median(difference) < 1 / 255
