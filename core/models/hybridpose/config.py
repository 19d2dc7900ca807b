"""What a HybridPose is built from. No torch."""

from dataclasses import dataclass

from core.models.fields import number, numbers, whole, wholes

STRIDES = (8, 16, 32, 64)  # of the four levels, P3 to P6
ANCHORS = 3  # per level
LARGEST_STRIDE = STRIDES[-1]

# KAPAO's, those of YOLOv5-P6: width, height in pixels of a 1280 x 1280 input, three per level.
KAPAO_ANCHORS_WH_PX = (
    19, 27, 44, 40, 38, 94,
    96, 68, 86, 152, 180, 137,
    140, 301, 303, 264, 238, 542,
    436, 615, 739, 380, 925, 792,
)  # fmt: skip


@dataclass(frozen=True)
class HybridPoseConfig:
    """A YOLOv5-P6 body with a head of boxes and keypoints and one of visibility maps (paper 002).

    `depth` and `width` as in YOLOv5 and KAPAO: S 0.33 and 0.50, M 0.67 and 0.75, L 1 and 1. The
    paper says neither; it takes the body over from KAPAO.
    """

    depth: float = number(0.33, 0.05, 2.0)  # multiplies 3, 9, 9, 3 .. blocks, at least 1 is left
    width: float = number(0.50, 0.05, 2.0)  # multiplies channels, rounded up to multiples of 8
    channels: tuple[int, ...] = wholes((256, 512, 768, 1024), 8, 4096)  # of P3 to P6 at width 1
    anchors_wh_px: tuple[float, ...] = numbers(KAPAO_ANCHORS_WH_PX, 1, 4096)
    # Of the "shallow convolutional layers" of eq. 4, the same at every level and size; the paper
    # says nothing. 64 costs S a seventh of its time and L a fiftieth, about what Table 1 shows.
    map_channels: int = whole(64, 4, 1024)
    # Where a map begins: most of it is empty, but a sigmoid close to 0 learns slowly from squares.
    map_prior: float = number(0.05, 1e-4, 0.5)
    # Of the running statistics of batch norms: YOLOv5's. A short training needs more: after 100
    # steps with 0.03 a network finds nobody in eval mode whom it finds in train mode.
    norm_momentum: float = number(0.03, 1e-3, 1.0)
    fill: int = whole(114, 0, 255)  # grey around a letterboxed photo, as in YOLOv5

    def anchors_of(self, level: int) -> tuple[tuple[float, float], ...]:
        """Width and height in input pixels of a level's anchors, P3 is 0."""
        first = 2 * ANCHORS * level
        ours = self.anchors_wh_px[first : first + 2 * ANCHORS]
        return tuple(zip(ours[::2], ours[1::2], strict=True))
