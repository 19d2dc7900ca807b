"""Free cells and maps, no network before them, learn two persons by heart from the losses alone."""

from dataclasses import replace

import pytest
import torch

from core.models.entries import model_of
from core.models.hybridpose.boxes import overlaps
from core.models.hybridpose.codec import grid_codec
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.nms import surest
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.training.loss_config import HybridPoseLoss
from core.training.objectives.hybridpose import hybridpose_losses
from core.training.objectives.setting import Setting
from core.training.picture_batches import PictureBatch

SIDE, K, STEPS = 64, 17, 60
CODEC = grid_codec(model_of("hybridpose_tiny"))


def two_people() -> PictureBatch:
    """On one picture; the second has two keypoints that nobody labelled."""
    boxes = torch.tensor([[6.0, 8.0, 30.0, 60.0], [38.0, 4.0, 60.0, 40.0]])
    part = torch.rand(2, K, 2, generator=torch.Generator().manual_seed(0))
    flags = torch.full((2, K), 2)
    flags[1, 3:5] = 0
    return PictureBatch(
        torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8),
        torch.zeros(2, dtype=torch.long),
        boxes,
        boxes[:, None, :2] + part * (boxes[:, None, 2:] - boxes[:, None, :2]),
        flags > 0,
        flags,
    )


def untaught() -> GridOutput:
    """Nobody anywhere; maps with a little noise, since nothing correlates with a constant one."""
    rng, levels = torch.Generator().manual_seed(1), []
    for stride in STRIDES:
        side = SIDE // stride
        cells = torch.zeros(1, 3, 5 + 2 * K, side, side)
        cells[:, :, 4] = -2.0
        maps = torch.randn(1, 3, K, side, side, generator=rng) * 0.1 - 3
        levels.append(LevelOutput(cells.requires_grad_(), maps.requires_grad_()))
    return GridOutput(tuple(levels))


def taught(loss: HybridPoseLoss) -> tuple[GridOutput, dict[str, float]]:
    """The output after some steps, and the losses of the last."""
    batch, output = two_people(), untaught()
    loss = replace(loss, scaled_by_size=False)
    setting = Setting(CODEC, loss, torch.ones(K), torch.arange(K), (SIDE, SIDE))
    optimizer = torch.optim.Adam([part for level in output.levels for part in level], lr=0.3)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 0.3 * (1 - 0.9 * step / STEPS)
        parts = hybridpose_losses(output, batch, setting)
        optimizer.zero_grad()
        parts["loss"].backward()
        optimizer.step()
    return output, {name: part.item() for name, part in parts.items()}


@pytest.mark.parametrize(
    ("loss", "unlabelled_are_seen"),
    [
        (HybridPoseLoss(), True),
        (
            HybridPoseLoss(
                overlap="iou",
                correlation_form="positive",
                detach_pose=True,
                draw_labelled_only=True,
            ),
            False,
        ),
    ],
    ids=["as the paper", "other forms"],
)
def test_everybody_is_found_with_their_places_and_maps(loss, unlabelled_are_seen):
    batch, (output, _) = two_people(), taught(loss)
    with torch.no_grad():
        found = CODEC.candidates(output)
    kept = surest(found.score[0], found.boxes_xyxy_px[0], most_overlap=0.65, most=20)
    sure = kept[found.score[0, kept] > 0.5]
    overlap = overlaps(batch.boxes_xyxy_px[:, None], found.boxes_xyxy_px[0, sure][None])
    assert overlap.shape == (2, 2)
    assert overlap.amax(1).min() > 0.85
    best = sure[overlap.argmax(1)]
    apart_px = (found.xy_px[0, best] - batch.xy_px).norm(dim=-1)[batch.placed]
    assert apart_px.median() < 1
    assert apart_px.max() < 3
    seen = found.map_score[0, best]
    assert seen[batch.placed].mean() > 0.7
    # Eq. 7 draws keypoints nobody labelled, too, and eq. 8 teaches the maps to see them.
    assert bool(seen[~batch.placed].max() > 0.2) == unlabelled_are_seen


def test_maps_come_to_peak_at_keypoints_by_the_correlation_alone():
    alone = replace(HybridPoseLoss(), maps=0.0, correlation=1.0)
    setting = Setting(CODEC, alone, torch.ones(K), torch.arange(K), (SIDE, SIDE))
    first = hybridpose_losses(untaught(), two_people(), setting)
    _, last = taught(alone)
    assert first["correlation"] > 0.95
    assert last["correlation"] < 0.3
