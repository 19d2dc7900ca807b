"""HybridPose's losses, part by part, against outputs that are perfect but for one thing."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models.entries import model_of
from core.models.hybridpose.assignment import Persons, fitting, matching
from core.models.hybridpose.codec import grid_codec
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.training.loss_config import HybridPoseLoss
from core.training.losses import IGNORED
from core.training.objectives.hybridpose import (
    drawn_maps,
    hybridpose_losses,
    levels_of,
    wanted_maps,
)
from core.training.objectives.setting import Setting
from core.training.picture_batches import PictureBatch
from tests.core.models.hybridpose.perfect_output import Somebody, perfect_output

TINY = model_of("hybridpose_tiny")
CODEC = grid_codec(TINY)
SIDE = 128
K = 17


def a_setting(**changes) -> Setting[HybridPoseLoss]:
    loss = replace(HybridPoseLoss(), **changes)
    return Setting(CODEC, loss, torch.ones(K), torch.arange(K), (SIDE, SIDE))


def a_batch(boxes, *, flags=2, xy=None, picture=None, count=1) -> PictureBatch:
    """Persons by their boxes; keypoints on the diagonal of the box unless said."""
    boxes = torch.tensor(boxes, dtype=torch.float32).view(-1, 4)
    if xy is None:
        part = torch.linspace(0.1, 0.9, K)[:, None]
        xy = boxes[:, None, :2] + part * (boxes[:, None, 2:] - boxes[:, None, :2])
    said = torch.full((len(boxes), K), flags)
    return PictureBatch(
        torch.zeros(count, SIDE, SIDE, 3, dtype=torch.uint8),
        torch.zeros(len(boxes), dtype=torch.long) if picture is None else torch.tensor(picture),
        boxes,
        xy,
        said > 0,
        said,
    )


BOX = (40.0, 30.0, 80.0, 110.0)


def perfect(batch: PictureBatch) -> GridOutput:
    """What every answering cell would say, at full objectness."""
    people = []
    for n, box in enumerate(batch.boxes_xyxy_px):
        one = Persons(torch.zeros(1, dtype=torch.long), box[None])
        for level, stride in enumerate(STRIDES):
            fits = fitting(one, CODEC.anchors(level, torch.device("cpu")), most_ratio=4.0)
            cells = SIDE // stride
            found = matching(one, fits, stride=stride, size_wh=(cells, cells))
            people += [
                Somebody(level, a, (x, y), box.tolist(), batch.xy_px[n].double().numpy(), 1 - 1e-9)
                for _, a, x, y in np.stack([part.numpy() for part in found], axis=1).tolist()
            ]
    return perfect_output(TINY, (SIDE, SIDE), people)


def losses(output, batch, **changes) -> dict[str, float]:
    return {n: v.item() for n, v in hybridpose_losses(output, batch, a_setting(**changes)).items()}


def test_a_perfect_answer_costs_nothing_but_maps():
    batch = a_batch([BOX])
    found = losses(perfect(batch), batch)
    assert found["box"] == pytest.approx(0, abs=1e-5)
    assert found["pose"] == pytest.approx(0, abs=1e-4)
    assert found["objectness"] == pytest.approx(0, abs=1e-4)


def test_the_loss_is_the_weighted_sum_of_its_parts():
    batch = a_batch([BOX, (10, 10, 40, 60)])
    output = noise()
    found = losses(output, batch, scaled_by_size=False)
    expected = (
        0.7 * found["objectness"]
        + 0.05 * found["box"]
        + 0.025 * found["pose"]
        + found["maps"]
        + 0.1 * found["correlation"]
    )
    assert found["loss"] == pytest.approx(expected, rel=1e-5)
    # 128 x 128 is a 25th of 640 x 640, and there are four levels instead of three.
    expected = (
        0.7 * 0.75 / 25 * found["objectness"]
        + 0.05 * 0.75 * found["box"]
        + 0.025 * 0.75 * found["pose"]
        + found["maps"]
        + 0.1 * found["correlation"]
    )
    assert losses(output, batch)["loss"] == pytest.approx(expected, rel=1e-5)


def test_the_loss_may_grow_with_the_batch():
    output = noise()
    twice = a_batch([BOX, (10, 10, 40, 60)], count=2)
    doubled = GridOutput(
        tuple(LevelOutput(*(part.repeat(2, 1, 1, 1, 1) for part in one)) for one in output.levels)
    )
    one = losses(doubled, twice)
    assert losses(doubled, twice, times_batch=True)["loss"] == pytest.approx(2 * one["loss"])


def noise(seed=0, *, objectness=0.0) -> GridOutput:
    rng = torch.Generator().manual_seed(seed)
    levels = []
    for stride in STRIDES:
        cells = SIDE // stride
        said = torch.randn(1, 3, 5 + 2 * K, cells, cells, generator=rng)
        said[:, :, 4] += objectness
        levels.append(LevelOutput(said, torch.randn(1, 3, K, cells, cells, generator=rng) - 2))
    return GridOutput(tuple(levels))


def test_objectness_is_balanced_over_levels_by_hand():
    # Everybody at 0.5 and nobody there: ln 2 for every cell of every level.
    batch = a_batch(np.zeros((0, 4)))
    half = GridOutput(
        tuple(LevelOutput(torch.zeros_like(one.cells), one.maps) for one in noise().levels)
    )
    found = losses(half, batch)["objectness"]
    assert found == pytest.approx((4 + 1 + 0.25 + 0.06) * math.log(2), rel=1e-5)


def answers(level) -> list[tuple[tuple[int, ...], float]]:
    """Every answering cell of a level and the IoU of its box with its person's, one by one."""
    found = []
    for n in range(len(level.matches.person)):
        person, anchor, column, row = (int(part[n]) for part in level.matches)
        place = (int(level.batch.picture[person]), anchor, row, column)
        x, y, w, h = level.output.cells[place[0], anchor, :4, row, column].sigmoid().tolist()
        cx, cy = (2 * x - 0.5 + column) * level.stride, (2 * y - 0.5 + row) * level.stride
        aw, ah = level.anchors_wh_px[anchor].tolist()
        w, h = (2 * w) ** 2 * aw, (2 * h) ** 2 * ah
        left, top, right, bottom = level.batch.boxes_xyxy_px[person].tolist()
        across = max(0, min(cx + w / 2, right) - max(cx - w / 2, left))
        down = max(0, min(cy + h / 2, bottom) - max(cy - h / 2, top))
        shared = across * down
        found.append((place, shared / (w * h + (right - left) * (bottom - top) - shared)))
    return found


CROWD = [BOX, (10, 10, 40, 60), (44, 32, 82, 108)]


def test_objectness_is_the_cross_entropy_with_the_overlap_of_the_box():
    batch, output = a_batch(CROWD), noise(1)
    expected = 0.0
    for level in levels_of(output, batch, a_setting()):
        wanted: dict[tuple[int, ...], float] = {}
        for place, overlap in answers(level):
            wanted[place] = max(wanted.get(place, 0.0), overlap)
        said = level.output.cells[:, :, 4].sigmoid().double()
        target = torch.zeros_like(said)
        for place, overlap in wanted.items():
            target[place] = overlap
        each = -(target * said.log() + (1 - target) * (1 - said).log())
        expected += level.balance * each.mean().item()
    assert losses(output, batch, overlap="iou")["objectness"] == pytest.approx(expected, rel=1e-5)


def test_box_is_one_less_the_overlap_averaged_over_answering_cells():
    batch, output = a_batch(CROWD), noise(1)
    expected = 0.0
    for level in levels_of(output, batch, a_setting()):
        found = [overlap for _, overlap in answers(level)]
        expected += sum(1 - overlap for overlap in found) / len(found) if found else 0.0
    assert expected > 1
    assert losses(output, batch, overlap="iou")["box"] == pytest.approx(expected, rel=1e-5)
    assert losses(output, batch, overlap="ciou")["box"] > expected


def test_pose_counts_labelled_keypoints_in_cells_by_hand():
    batch = a_batch([BOX])
    output = perfect(batch)
    # All of the person's keypoints 6 pixels right and 8 down of where the cells say: 10 pixels.
    moved = replace(batch, xy_px=batch.xy_px + torch.tensor([6.0, 8.0]))
    levels = [level for level in levels_of(output, batch, a_setting()) if len(level.matches.person)]
    expected = sum(10 / level.stride for level in levels)
    assert len(levels) >= 2
    assert losses(output, moved)["pose"] == pytest.approx(expected, rel=1e-4)
    half = replace(moved, placed=torch.arange(K)[None] < 8)
    assert losses(output, half)["pose"] == pytest.approx(expected, rel=1e-4)
    assert losses(output, replace(moved, placed=batch.placed & False))["pose"] == 0


def test_maps_of_every_anchor_of_a_size_show_the_person():
    batch = a_batch([BOX])
    for level in levels_of(perfect(batch), batch, a_setting()):
        wanted = wanted_maps(level, HybridPoseLoss())
        shown = (wanted.flatten(2).amax(-1) > 0.5)[0].tolist()
        assert shown == [anchor in level.fits.anchor.tolist() for anchor in range(3)]


def test_maps_peak_at_the_keypoints():
    xy = torch.full((1, K, 2), 43.5)  # the middle of cell 5 of stride 8
    batch = a_batch([BOX], xy=xy)
    level = levels_of(perfect(batch), batch, a_setting())[0]
    wanted = wanted_maps(level, HybridPoseLoss())[0, int(level.fits.anchor[0]), 3]
    assert (wanted == 1).nonzero().tolist() == [[5, 5]]
    assert wanted[5, 6].item() == pytest.approx(math.exp(-0.5))
    assert wanted_maps(level, HybridPoseLoss(sigma_cells=2.0)).max() == 1


@pytest.mark.parametrize(
    ("flag", "labelled", "visible"), [(2, True, True), (1, True, False), (0, False, False)]
)
def test_whom_maps_show_is_a_matter_of_the_config(flag, labelled, visible):
    batch = a_batch([BOX], flags=flag)
    level = levels_of(noise(), batch, a_setting())[0]
    assert bool(wanted_maps(level, HybridPoseLoss()).any()) == labelled
    assert bool(wanted_maps(level, HybridPoseLoss(visible_only=True)).any()) == visible


def test_a_place_whose_flag_nobody_trusts_is_shown_unless_only_visible_ones_are():
    batch = a_batch([BOX])
    batch = replace(batch, flags=torch.full_like(batch.flags, IGNORED))
    level = levels_of(noise(), batch, a_setting())[0]
    assert wanted_maps(level, HybridPoseLoss()).any()
    assert not wanted_maps(level, HybridPoseLoss(visible_only=True)).any()


def test_maps_that_are_as_wanted_cost_nothing():
    batch = a_batch([BOX])
    output = noise()
    levels = levels_of(output, batch, a_setting())
    right = GridOutput(
        tuple(
            LevelOutput(level.output.cells, torch.logit(wanted_maps(level, HybridPoseLoss()), 1e-7))
            for level in levels
        )
    )
    assert losses(right, batch)["maps"] == pytest.approx(0, abs=1e-9)
    flat = GridOutput(
        tuple(LevelOutput(one.cells, torch.zeros_like(one.maps)) for one in output.levels)
    )
    nobody = a_batch(np.zeros((0, 4)))
    assert losses(flat, nobody)["maps"] == pytest.approx(4 * 0.25)


def test_what_sure_cells_say_is_drawn_as_high_as_they_are_sure():
    xy = np.full((K, 2), 43.5)
    one = Somebody(0, 1, (5, 5), (30, 30, 60, 60), xy, score=0.6)
    doubted = Somebody(0, 1, (9, 9), (60, 60, 90, 90), xy + 32, score=0.09)
    output = perfect_output(TINY, (SIDE, SIDE), [one, doubted])
    level = levels_of(output, a_batch([BOX]), a_setting())[0]
    drawn = drawn_maps(level, HybridPoseLoss())[0]
    assert drawn[1, :, 5, 5].tolist() == pytest.approx([0.6] * K, rel=1e-4)
    assert drawn[1, :, 9, 9].tolist() == [0] * K
    assert drawn[[0, 2]].abs().sum() == 0
    both = drawn_maps(level, HybridPoseLoss(least_objectness=0.05))[0]
    assert both[1, :, 9, 9].tolist() == pytest.approx([0.09] * K, rel=1e-3)


def test_only_so_many_cells_are_drawn_the_surest_first():
    xy = np.full((K, 2), 43.5)
    sure = Somebody(0, 1, (5, 5), (30, 30, 60, 60), xy, score=0.9)
    less = Somebody(0, 1, (9, 9), (60, 60, 90, 90), xy + 32, score=0.8)
    output = perfect_output(TINY, (SIDE, SIDE), [less, sure])
    level = levels_of(output, a_batch([BOX]), a_setting())[0]
    drawn = drawn_maps(level, HybridPoseLoss(most_cells=1))[0]
    assert drawn[1, 0, 5, 5].item() == pytest.approx(0.9, rel=1e-4)
    assert drawn[1, 0, 9, 9].item() == 0


def test_only_labelled_keypoints_of_answering_cells_are_drawn_if_wished():
    batch = a_batch([BOX], flags=2)
    unlabelled = torch.arange(K)[None] >= 10
    batch = replace(batch, placed=batch.placed & ~unlabelled)
    output = perfect(batch)
    stray = Somebody(0, 1, (2, 2), (10, 10, 30, 30), np.full((K, 2), 19.5), score=0.9)
    levels = zip(output.levels, perfect_output(TINY, (SIDE, SIDE), [stray]).levels, strict=True)
    both = GridOutput(tuple(LevelOutput(*map(torch.maximum, *pair)) for pair in levels))
    level = levels_of(both, batch, a_setting())[0]
    everything = drawn_maps(level, HybridPoseLoss())[0]
    chosen = drawn_maps(level, HybridPoseLoss(draw_labelled_only=True))[0]
    anchor = int(level.matches.anchor[0])
    drawn = [bool(chosen[anchor, k].any()) for k in range(K)]
    assert drawn == [True] * 10 + [False] * 7
    assert [bool(everything[anchor, k].any()) for k in range(K)] == [True] * K
    assert (everything[1, 0, 2, 2] > 0.5, bool(chosen[1, :, 2, 2].any())) == (True, False)


def test_maps_that_peak_where_the_keypoints_are_correlate():
    batch = a_batch([BOX])
    output = perfect(batch)
    levels = levels_of(output, batch, a_setting())
    right = GridOutput(
        tuple(
            LevelOutput(one.output.cells, torch.logit(wanted_maps(one, HybridPoseLoss()), 1e-6))
            for one in levels
        )
    )
    empty = sum(len(level.matches.person) == 0 for level in levels)
    assert losses(right, batch)["correlation"] == pytest.approx(empty / 4, abs=1e-3)


def gradients(**changes) -> tuple[bool, bool]:
    """Whether the correlation alone moves cells, and maps."""
    output = noise(objectness=1.0)
    for level in output.levels:
        level.cells.requires_grad_()
        level.maps.requires_grad_()
    alone = {"objectness": 0.0, "box": 0.0, "pose": 0.0, "maps": 0.0, "correlation": 1.0}
    loss = hybridpose_losses(output, a_batch([BOX]), a_setting(**alone, **changes))["loss"]
    loss.backward()
    return (
        any(level.cells.grad is not None and level.cells.grad.any() for level in output.levels),
        any(level.maps.grad is not None and level.maps.grad.any() for level in output.levels),
    )


def test_the_correlation_moves_keypoints_and_maps_or_maps_alone():
    assert gradients() == (True, True)
    assert gradients(detach_pose=True) == (False, True)


@pytest.mark.parametrize("people", [np.zeros((0, 4)), [BOX], [BOX, (0, 0, 127, 127), (5, 5, 9, 9)]])
def test_losses_and_gradients_are_numbers_whoever_is_there(people):
    batch = a_batch(people)
    output = noise(3)
    for level in output.levels:
        level.cells.requires_grad_()
        level.maps.requires_grad_()
    found = hybridpose_losses(output, batch, a_setting())
    assert all(torch.isfinite(part) for part in found.values())
    found["loss"].backward()
    assert all(torch.isfinite(p.grad).all() for level in output.levels for p in level)
    assert [name for name, part in found.items() if part.requires_grad] == ["loss"]
