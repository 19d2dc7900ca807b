"""The objective of HybridPose: persons, their keypoints, and visibility maps (paper 002)."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from core.data.visibility import Visibility
from core.models.hybridpose.assignment import Fits, Matches, Persons, fitting, matching
from core.models.hybridpose.boxes import OVERLAPS
from core.models.hybridpose.codec import CellFrame, GridCodec, decode_cells
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.head import OBJECTNESS
from core.models.hybridpose.maps import gaussian_maps, to_cells
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.training.loss_config import HybridPoseLoss
from core.training.objectives.self_correlation import self_correlation
from core.training.objectives.setting import Setting
from core.training.picture_batches import PictureBatch

PARTS = ("objectness", "box", "pose", "maps", "correlation")
# What YOLOv5's weights are tuned to, and so KAPAO's.
LEVELS_OF_WEIGHTS, SIDE_OF_WEIGHTS_PX = 3, 640


class Level(NamedTuple):
    """One level, and who on a batch it answers for."""

    output: LevelOutput
    stride: int
    anchors_wh_px: Tensor  # (A, 2)
    balance: float  # of its objectness
    fits: Fits
    matches: Matches
    batch: PictureBatch


def hybridpose_losses(
    output: GridOutput, batch: PictureBatch, setting: Setting[HybridPoseLoss]
) -> dict[str, Tensor]:
    """`loss` = the weighted sum of eq. 13, and its five parts.

    Objectness, box, pose and maps are sums over levels of means within a level (eqs. 9 to 12). The
    correlation is the mean over levels and pictures, where eq. 8 says neither sum nor mean.
    """
    loss = setting.loss
    levels = levels_of(output, batch, setting)
    found = [_losses_of_level(level, loss) for level in levels]
    parts = {name: torch.stack([one[name] for one in found]).sum() for name in PARTS}
    parts["correlation"] = parts["correlation"] / len(levels)
    weights = weights_of(loss, setting.crop_size_wh_px)
    total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    if loss.times_batch:
        total = total * len(batch.crops)
    return {"loss": total, **{name: part.detach() for name, part in parts.items()}}


def weights_of(loss: HybridPoseLoss, size_wh_px: tuple[int, int]) -> dict[str, float]:
    """The weight of each part for pictures of a size.

    >>> weights = weights_of(HybridPoseLoss(), (1280, 1280))
    >>> {name: round(weight, 5) for name, weight in weights.items()}
    {'objectness': 2.1, 'box': 0.0375, 'pose': 0.01875, 'maps': 1.0, 'correlation': 0.1}
    """
    weights = {name: float(getattr(loss, name)) for name in PARTS}
    if loss.scaled_by_size:
        for name in ("objectness", "box", "pose"):
            weights[name] *= LEVELS_OF_WEIGHTS / len(STRIDES)
        weights["objectness"] *= size_wh_px[0] * size_wh_px[1] / SIDE_OF_WEIGHTS_PX**2
    return weights


def levels_of(
    output: GridOutput, batch: PictureBatch, setting: Setting[HybridPoseLoss]
) -> list[Level]:
    """Every level with the anchors and cells that answer for the persons of a batch."""
    codec = setting.codec
    assert isinstance(codec, GridCodec)
    persons = Persons(batch.picture, batch.boxes_xyxy_px)
    found = []
    for number, (level, stride) in enumerate(zip(output.levels, STRIDES, strict=True)):
        anchors = codec.anchors(number, level.cells.device)
        fits = fitting(persons, anchors, most_ratio=setting.loss.most_ratio)
        rows, columns = level.cells.shape[-2:]
        matches = matching(persons, fits, stride=stride, size_wh=(columns, rows))
        balance = setting.loss.level_balance[number]
        found.append(Level(level, stride, anchors, balance, fits, matches, batch))
    return found


def wanted_maps(level: Level, loss: HybridPoseLoss) -> Tensor:
    """Targets (B, A, K, h, w) of the visibility maps: eqs. 6 and 7 on labels, without objectness.

    A person is on the maps of every anchor of its size; the paper does not say which.
    """
    batch, person = level.batch, level.fits.person
    shown = batch.placed
    if loss.visible_only:
        shown = shown & (batch.flags == Visibility.VISIBLE)
    maps = level.output.maps
    return gaussian_maps(
        to_cells(batch.xy_px[person], level.stride),
        shown[person].float(),
        batch.picture[person] * maps.shape[1] + level.fits.anchor,
        shape=(maps.shape[0] * maps.shape[1], *maps.shape[2:]),
        sigma_cells=loss.sigma_cells,
    ).view(maps.shape)


def drawn_maps(level: Level, loss: HybridPoseLoss) -> Tensor:
    """D^s (B, A, K, h, w): what the keypoints of all sure cells draw, as high as these are sure.

    Deviation from eq. 6, which draws every cell: those below `least_objectness` would add less than
    that to a map, and cost its memory a hundred times over.
    """
    cells, maps = level.output.cells, level.output.maps
    if loss.detach_pose:
        cells = cells.detach()
    sure = cells[:, :, OBJECTNESS].float().sigmoid()  # (B, A, h, w)
    places = (sure > loss.least_objectness).nonzero()  # (N, 4)
    if len(places) > loss.most_cells:
        surest = sure[tuple(places.T)].topk(loss.most_cells).indices
        places = places[surest]
    picture, anchor, row, column = places.T
    height = sure[picture, anchor, row, column][:, None].expand(-1, maps.shape[2])  # (N, K)
    if loss.draw_labelled_only:
        height = height * _labelled(level)[picture, anchor, row, column]
    _, xy_px = decode_cells(cells[picture, anchor, :, row, column], _frame(level, places))
    return gaussian_maps(
        to_cells(xy_px, level.stride),
        height,
        picture * maps.shape[1] + anchor,
        shape=(maps.shape[0] * maps.shape[1], *maps.shape[2:]),
        sigma_cells=loss.sigma_cells,
    ).view(maps.shape)


def _losses_of_level(level: Level, loss: HybridPoseLoss) -> dict[str, Tensor]:
    overlap, pose = _matched(level, loss)
    maps = level.output.maps.float().sigmoid()
    drawn = drawn_maps(level, loss)
    return {
        "objectness": level.balance * _objectness(level, overlap.detach()),
        "box": _mean(1 - overlap),  # eq. 10
        "pose": pose,
        # Eq. 12 has a norm over a count; the mean squared error is what heat maps are trained by.
        "maps": functional.mse_loss(maps, wanted_maps(level, loss)),
        "correlation": self_correlation(drawn, maps, form=loss.correlation_form).mean(),
    }


def _matched(level: Level, loss: HybridPoseLoss) -> tuple[Tensor, Tensor]:
    """Overlaps (M,) of the answering cells' boxes with their persons', and the pose loss.

    The pose loss is the mean distance of labelled keypoints in cells, as KAPAO's; eq. 11 adds up
    over the keypoints of a person instead.
    """
    batch, (person, anchor, column, row) = level.batch, level.matches
    picture = batch.picture[person]
    logits = level.output.cells[picture, anchor, :, row, column]  # (M, 5 + 2K)
    boxes, xy_px = decode_cells(
        logits, _frame(level, torch.stack([picture, anchor, row, column], dim=1))
    )
    overlap = OVERLAPS[loss.overlap](boxes, batch.boxes_xyxy_px[person])
    apart = torch.linalg.vector_norm((xy_px - batch.xy_px[person]) / level.stride, dim=-1)
    return overlap, _mean(apart[batch.placed[person]])


def _objectness(level: Level, overlap: Tensor) -> Tensor:
    """Eq. 9: cross-entropy of all cells with the overlap of those that answer, 0 elsewhere.

    The paper's formula has target and prediction exchanged: it takes the logarithm of the target.
    Where a cell answers for several persons, the one it fits best counts.
    """
    logits = level.output.cells[:, :, OBJECTNESS].float()  # (B, A, h, w)
    person, anchor, column, row = level.matches
    _, anchors, rows, columns = logits.shape
    place = ((level.batch.picture[person] * anchors + anchor) * rows + row) * columns + column
    wanted = torch.zeros(logits.numel(), device=logits.device)
    wanted.scatter_reduce_(0, place, overlap.clamp(0, 1), "amax")
    return functional.binary_cross_entropy_with_logits(logits, wanted.view(logits.shape))


def _labelled(level: Level) -> Tensor:
    """(B, A, h, w, K) 1 where a cell answers for a person whose keypoint is labelled, else 0."""
    batch, (person, anchor, column, row) = level.batch, level.matches
    pictures, anchors, keypoints, rows, columns = level.output.maps.shape
    found = torch.zeros(pictures, anchors, rows, columns, keypoints, device=person.device)
    place = (batch.picture[person], anchor, row, column)
    # Of two persons in one cell the labelled keypoints of both count.
    return found.index_put_(place, batch.placed[person].float(), accumulate=True).clamp_max_(1)


def _frame(level: Level, places: Tensor) -> CellFrame:
    """Of cells (M, 4) by picture, anchor, row, column."""
    return CellFrame(
        places[:, [3, 2]].float(),
        torch.full((len(places),), float(level.stride), device=places.device),
        level.anchors_wh_px[places[:, 1]],
    )


def _mean(values: Tensor) -> Tensor:
    """The mean of what there is; 0 of nothing."""
    return values.sum() / max(values.numel(), 1)
