"""Everything a training run depends on. No torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.data.augment import Augmentation
from core.data.picture_views import PictureAugmentation
from core.models.model_config import ModelConfig
from core.training.loss_config import LossConfig, MetamodelLoss

NETWORK, FLAG_BRANCH = "network", "flag_branch"
RUN_DIR = "run"  # inside the checkpoint folder: what a resumed run needs
STATE_FILE = "state.pt"  # in the folder of each stage


@dataclass(frozen=True)
class LoopConfig:
    """The loop itself."""

    epochs: int = 20
    batch_size: int = 32
    optimizer: str = "adamw"  # a name of core.training.optimizers.OPTIMIZERS
    schedule: str = "cosine"  # a name of core.training.schedules.SCHEDULES
    learning_rate: float = 2e-3  # at its height
    warmup_epochs: float = 1.0  # linear, up to the height; then the schedule
    milestones: tuple[int, ...] = ()  # epochs from which the rate is `factor` of before: "steps"
    factor: float = 0.1  # of "steps" and "plateau"
    patience_epochs: int = 20  # without a lower loss, until "plateau" takes a smaller rate
    weight_decay: float = 0.02  # of weights with two axes or more
    average_decay: float = 0.998  # of the running mean of the weights, per step; that mean ships
    clip_norm: float = 5.0  # of the gradient
    bfloat16: bool = False  # forward pass in bfloat16: twice as fast on processors that have it
    threads: int = 1  # two on a busy two-core machine spin for each other: ten times the work
    view_threads: int = 1  # making views; they depend on their place alone, however many make them
    seed: int = 0
    save_every_s: float = 60.0  # seconds between two saved states: what a kill costs at most


@dataclass(frozen=True)
class SetsConfig:
    """What is drawn from the public sets, where no dataset of one's own is given."""

    coco_repeats: int = 3  # how often an epoch shows each COCO person: there are few
    one_lspet_person_in: int = 1  # 8: every eighth; they teach places more than flags
    drawn_pictures: int = 450  # of drawn people, to learn faces and exact flags from; 0: none
    drawn_seed: int = 1000


@dataclass(frozen=True)
class TrainConfig:
    """One stage of a training; saved whole with it."""

    model: ModelConfig
    stage: str = "places"  # how people call it
    # NETWORK, or the name of a submodule: that alone, on a rest that stays as it is, batch norms
    # included; several are joined by "+". Of papers 000 and 003: FLAG_BRANCH, "similarity_net".
    trained: str = NETWORK
    loss: LossConfig = field(default_factory=MetamodelLoss)
    loop: LoopConfig = field(default_factory=LoopConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)  # of single persons
    picture_augmentation: PictureAugmentation = field(default_factory=PictureAugmentation)
    sets: SetsConfig = field(default_factory=SetsConfig)


def described(config: TrainConfig) -> dict[str, Any]:
    """What decides the weights a stage ends with, as JSON knows it."""
    found: dict[str, Any] = asdict(config)
    for name in ("save_every_s", "view_threads"):
        del found["loop"][name]
    found["loss"]["kind"] = type(config.loss).__name__
    return found


def differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two descriptions, in words.

    >>> differences({"loop": {"seed": 0}}, {"loop": {"seed": 1}})
    ['loop.seed was 0, is 1']
    """
    found: list[str] = []
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{prefix}{name}.")
        elif _plain(old) != _plain(new):
            found.append(f"{prefix}{name} was {_said(old)}, is {_said(new)}")
    return found


def _plain(value: Any) -> Any:
    """Tuples as the lists that JSON makes of them."""
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _said(value: Any) -> str:
    text = "not given" if value is None else str(_plain(value))
    return text if len(text) <= 60 else f"{text[:57]}..."
