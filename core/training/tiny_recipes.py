"""Recipes of the networks for two CPU cores. No torch."""

from collections.abc import Mapping
from dataclasses import replace

from core.models.entries import model_of
from core.training.config import FLAG_BRANCH, LoopConfig, SetsConfig, TrainConfig
from core.training.default_loss import default_loss
from core.training.loss_config import HpcvnetLoss, MetamodelLoss, OahpeLoss, PlainLoss
from core.training.recipe import Recipe, its_base

LONG = LoopConfig(epochs=40, learning_rate=2e-3)
# Of a small part on a base that stays as it is.
SHORT = LoopConfig(epochs=18, batch_size=64, learning_rate=5e-4, weight_decay=0.05)

TINY = model_of("metamodel_tiny")
PLACES = TrainConfig(TINY, "places", loop=LONG)
# Paper 000, S3. Most persons of the first stage teach places; here those with genuine three-way
# flags come first. Weights: square roots of COCO's N_max / N_c, so that few keypoints are called
# occluded without good reason.
FLAGS = TrainConfig(
    TINY,
    "flags",
    trained=FLAG_BRANCH,
    loss=MetamodelLoss(alpha=1.0, flag_weights=(1.27, 2.8, 1.0)),
    loop=SHORT,
    sets=SetsConfig(coco_repeats=6, one_lspet_person_in=8),
)

VISAWARE = model_of("visaware_tiny")
OAHPE = model_of("oahpe_tiny")
HPCVNET = model_of("hpcvnet_tiny")
HYBRIDPOSE = model_of("hybridpose_tiny")

OAHPE_LOSS = default_loss(OAHPE)
assert isinstance(OAHPE_LOSS, OahpeLoss)
PRESENCE = TrainConfig(OAHPE, "places", loss=replace(OAHPE_LOSS, similarity_weight=0.0), loop=LONG)
SIMILARITY = TrainConfig(
    OAHPE,
    "similarity",
    trained="similarity_net",
    loss=replace(OAHPE_LOSS, places_weight=0.0, presence_weight=0.0),
    loop=SHORT,
)
RATING = TrainConfig(HPCVNET, "rating", trained="rating", loss=HpcvnetLoss(), loop=SHORT)

TINY_RECIPES: Mapping[str, Recipe] = {
    "tiny/metamodel": Recipe(
        "metamodel_tiny: places and flags together, then the flags alone",
        (PLACES, FLAGS),
        when_started=(
            replace(PLACES, loop=replace(LONG, epochs=24, learning_rate=1.2e-3)),
            FLAGS,
        ),
    ),
    "tiny/flags": Recipe(
        "metamodel_tiny: the flags alone, on a base that stays as it is; needs --start",
        (FLAGS,),
        needs_start=True,
    ),
    "tiny/visaware": Recipe(
        "visaware_tiny: places and which keypoints are visible together",
        (TrainConfig(VISAWARE, "places", loss=default_loss(VISAWARE), loop=LONG),),
    ),
    "tiny/oahpe": Recipe(
        "oahpe_tiny: places and presence together, then KS-net alone",
        (PRESENCE, SIMILARITY),
    ),
    "tiny/hpcvnet": Recipe(
        "hpcvnet_tiny: its base for places, then the rating alone; only that with --start",
        (
            TrainConfig(its_base(HPCVNET), "base", loss=PlainLoss("cross_entropy"), loop=LONG),
            RATING,
        ),
        when_started=(RATING,),
    ),
    "tiny/hybridpose": Recipe(
        "hybridpose_tiny: persons, places and visibility maps on whole pictures",
        (
            TrainConfig(
                HYBRIDPOSE,
                "people",
                loss=default_loss(HYBRIDPOSE),
                loop=LoopConfig(epochs=60, batch_size=16, learning_rate=1e-3, warmup_epochs=3.0),
            ),
        ),
    ),
}
