"""From what the network says to persons in the input's pixels: eqs. 1, 2, 3 and 5 of paper 002."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.models.codecs.config import GridConfig
from core.models.hybridpose.config import ANCHORS, STRIDES, HybridPoseConfig
from core.models.hybridpose.head import OBJECTNESS
from core.models.hybridpose.maps import READERS, Levels, MapOf
from core.models.hybridpose.outputs import Candidates, GridOutput
from core.models.model_config import ModelConfig

NOBODY = -1.0  # the score that fills up pictures with fewer candidates


class CellFrame(NamedTuple):
    """Where cells lie and which anchor speaks; input frame.

    Attributes:
        cell_xy: (..., 2) column and row.
        stride: (...).
        anchor_wh_px: (..., 2).
    """

    cell_xy: Tensor
    stride: Tensor
    anchor_wh_px: Tensor


def decode_cells(logits: Tensor, frame: CellFrame) -> tuple[Tensor, Tensor]:
    """Boxes (..., 4) by their edges and keypoints (..., K, 2), in pixels of the input.

    Eqs. 1 to 3 with s = sigmoid(logits), in pixels instead of cells: a box's centre is
    (2 s - 0.5 + cell) stride, its size (2 s)^2 anchor, a keypoint (4 s - 2) anchor + cell stride.
    So a keypoint lies within two anchors of its cell's corner.

    Args:
        logits: (..., 5 + 2K).
    """
    said = logits.float().sigmoid()
    stride = frame.stride[..., None]  # (..., 1)
    centre = (2 * said[..., :2] - 0.5 + frame.cell_xy) * stride
    half = (2 * said[..., 2:OBJECTNESS]) ** 2 * frame.anchor_wh_px / 2
    offsets = 4 * torch.unflatten(said[..., OBJECTNESS + 1 :], -1, (-1, 2)) - 2  # (..., K, 2)
    corner = (frame.cell_xy * stride)[..., None, :]
    xy_px = offsets * frame.anchor_wh_px[..., None, :] + corner
    return torch.cat([centre - half, centre + half], dim=-1), xy_px


@dataclass(frozen=True)
class GridCodec:
    """Reads what a HybridPose says; knows its anchors and how its maps are read."""

    network: HybridPoseConfig
    reading: GridConfig

    def anchors(self, level: int, device: torch.device) -> Tensor:
        """(A, 2) width and height in input pixels of a level's anchors."""
        return torch.tensor(self.network.anchors_of(level), device=device)

    def candidates(self, output: GridOutput) -> Candidates:
        """The surest cells of each picture, at most `most_candidates` above `least_score`.

        Score is the objectness, as the paper has it: there are no classes.
        """
        rows = [level.cells.flatten(3) for level in output.levels]
        cells = torch.cat(rows, dim=-1)  # (B, A, 5 + 2K, S), S = cells of all levels
        num_slots = cells.shape[-1]
        score = cells[:, :, OBJECTNESS].float().sigmoid().flatten(1)  # (B, A * S)
        score = score.masked_fill(score <= self.reading.least_score, NOBODY)
        score, place = score.topk(min(self.reading.most_candidates, score.shape[1]))
        most = int((score > NOBODY).sum(1).amax())
        score, place = score[:, :most], place[:, :most]  # (B, M)
        anchor, slot = place // num_slots, place % num_slots
        picture = torch.arange(len(score), device=score.device)[:, None].expand_as(place)
        levels, frame, level_of = self._slots(output)
        picked = cells[picture, anchor, :, slot]  # (B, M, 5 + 2K)
        boxes, xy_px = decode_cells(
            picked,
            CellFrame(frame.cell_xy[slot], frame.stride[slot], frame.anchor_wh_px[anchor, slot]),
        )
        level = level_of[slot]
        of = MapOf(picture, anchor, level)
        map_score = READERS[self.reading.map_read](levels, of, xy_px)
        return Candidates(score, boxes, xy_px, map_score, level, anchor)

    def _slots(self, output: GridOutput) -> tuple[Levels, CellFrame, Tensor]:
        """The maps in one row; of every slot its cell, stride, anchors (A, S, 2) and level."""
        device = output.levels[0].cells.device
        sizes = [tuple(level.cells.shape[-2:]) for level in output.levels]
        counts = torch.tensor([h * w for h, w in sizes], device=device)
        level_of = torch.arange(len(sizes), device=device).repeat_interleave(counts)  # (S,)
        cell_xy = torch.cat([_cells(size, device) for size in sizes]).float()  # (S, 2)
        strides = torch.tensor(STRIDES, dtype=torch.float32, device=device)
        anchors = torch.stack([self.anchors(n, device) for n in range(len(sizes))], dim=1)
        assert anchors.shape[0] == ANCHORS
        levels = Levels(
            torch.cat([level.maps.flatten(3) for level in output.levels], dim=-1),
            counts.cumsum(0) - counts,
            torch.tensor([(w, h) for h, w in sizes], device=device),
            strides,
        )
        return levels, CellFrame(cell_xy, strides[level_of], anchors[:, level_of]), level_of


def grid_codec(config: ModelConfig) -> GridCodec:
    """The codec of a HybridPose."""
    assert isinstance(config.network, HybridPoseConfig)
    assert isinstance(config.codec, GridConfig)
    return GridCodec(config.network, config.codec)


def _cells(size_hw: tuple[int, ...], device: torch.device) -> Tensor:
    """(h * w, 2) column and row of a level's cells, row by row."""
    down, across = (torch.arange(side, device=device) for side in size_hw)
    return torch.cartesian_prod(down, across).flip(-1)
