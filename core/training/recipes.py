"""The recipes by name: what `train` can do. A plain dictionary; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.errors import UserError
from core.models.entries import model_of
from core.training.config import (
    FLAG_BRANCH,
    LoopConfig,
    SetsConfig,
    TrainConfig,
)
from core.training.loss_config import MetamodelLoss


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes:
        what: one sentence for lists.
        stages: one after the other, each from what the one before left.
        when_started: the first stage where it begins with trained weights instead of fresh ones.
        needs_start: whether it has to begin with trained weights.
    """

    what: str
    stages: tuple[TrainConfig, ...]
    when_started: TrainConfig | None = None
    needs_start: bool = False

    def stages_from(self, *, started: bool) -> tuple[TrainConfig, ...]:
        """The stages, from trained weights or from fresh ones."""
        if started and self.when_started is not None:
            return (self.when_started, *self.stages[1:])
        return self.stages


TINY = model_of("metamodel_tiny")
PLACES = TrainConfig(TINY, "places", loop=LoopConfig(epochs=40, learning_rate=2e-3))
# Paper 000, S3. Most persons of the first stage teach places; here those with genuine three-way
# flags come first. Weights: square roots of COCO's N_max / N_c, so that few keypoints are called
# occluded without good reason.
FLAGS = TrainConfig(
    TINY,
    "flags",
    trained=FLAG_BRANCH,
    loss=MetamodelLoss(alpha=1.0, flag_weights=(1.27, 2.8, 1.0)),
    loop=LoopConfig(epochs=18, batch_size=64, learning_rate=5e-4, weight_decay=0.05),
    sets=SetsConfig(coco_repeats=6, one_lspet_person_in=8),
)

RECIPES: Mapping[str, Recipe] = {
    "tiny/metamodel": Recipe(
        "metamodel_tiny: places and flags together, then the flags alone",
        (PLACES, FLAGS),
        when_started=replace(PLACES, loop=replace(PLACES.loop, epochs=24, learning_rate=1.2e-3)),
    ),
    "tiny/flags": Recipe(
        "metamodel_tiny: the flags alone, on a base that stays as it is; needs --start",
        (FLAGS,),
        needs_start=True,
    ),
}


def find_recipe(name: str) -> Recipe:
    """The recipe of this name.

    Raises:
        UserError: there is none; the known ones are listed.
    """
    recipe = RECIPES.get(name)
    if recipe is None:
        raise UserError(
            f"There is no recipe {name!r}.", remedy=f"Known recipes: {', '.join(sorted(RECIPES))}."
        )
    return recipe


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
