"""What a recipe is. No torch."""

from dataclasses import dataclass, replace

from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from core.training.config import TrainConfig


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes:
        what: one sentence for lists.
        stages: one after the other, each from what the one before left.
        when_started: all stages where it begins with trained weights instead of fresh ones.
        needs_start: whether it has to begin with trained weights.
    """

    what: str
    stages: tuple[TrainConfig, ...]
    when_started: tuple[TrainConfig, ...] | None = None
    needs_start: bool = False

    def stages_from(self, *, started: bool) -> tuple[TrainConfig, ...]:
        """The stages, from trained weights or from fresh ones."""
        if started and self.when_started is not None:
            return self.when_started
        return self.stages

    @property
    def model(self) -> ModelConfig:
        """What it ends with."""
        return self.stages[-1].model


def stages_of(
    recipe: Recipe,
    *,
    started: bool,
    epochs: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
) -> tuple[TrainConfig, ...]:
    """The stages as asked for.

    Args:
        started: whether they begin with trained weights.
        epochs: of the first stage; the others keep theirs.
        seed, threads: of every stage.
    """
    found = []
    for number, stage in enumerate(recipe.stages_from(started=started)):
        loop = stage.loop
        if epochs is not None and number == 0:
            loop = replace(loop, epochs=epochs)
        if seed is not None:
            loop = replace(loop, seed=seed)
        if threads is not None:
            loop = replace(loop, threads=threads)
        found.append(replace(stage, loop=loop))
    return tuple(found)


def its_base(model: ModelConfig) -> ModelConfig:
    """The plain network that a network stands on: its base alone, with its preprocessing."""
    base = getattr(model.network, "base", None)
    assert base is not None, f"{model.family} stands on no base"
    return replace(model, family="plain", network=PlainConfig(base))
