"""Everything a training run depends on."""

from dataclasses import dataclass, field

from core.data.augment import Augmentation
from core.models.model_config import ModelConfig


@dataclass(frozen=True)
class LossConfig:
    """How the two answers are weighed."""

    heat: str = "cross_entropy"  # a name of core.training.losses.HEAT_LOSSES
    alpha: float = 0.25  # share of the visibility loss: L = (1 - alpha) L_kp + alpha L_vis (000)
    # Of v = 0, 1, 2: COCO's N_max / N_c (1.61, 7.85, 1.0) to the power of 0.7. Whole weights, as
    # in paper 000, call so many keypoints occluded that every class's F1 suffers.
    flag_weights: tuple[float, float, float] = (1.4, 4.2, 1.0)


@dataclass(frozen=True)
class LoopConfig:
    """The loop itself."""

    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 2e-3  # at its height
    warmup_epochs: float = 1.0  # linear; then a cosine down to 1 % of the height
    weight_decay: float = 0.02  # of weights with two axes or more
    average_decay: float = 0.998  # of the running mean of the weights, per step; that mean ships
    clip_norm: float = 5.0  # of the gradient
    bfloat16: bool = False  # forward pass in bfloat16: twice as fast on CPUs that have it
    threads: int = 1  # two on a busy two-core machine spin for each other: ten times the work
    seed: int = 0


@dataclass(frozen=True)
class TrainConfig:
    """One training run; saved whole with it."""

    model: ModelConfig
    loss: LossConfig = field(default_factory=LossConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    coco_repeats: int = 3  # how often an epoch shows each COCO person: there are few
