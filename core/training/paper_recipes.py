"""Recipes as the papers have them, one per network of the catalogue. No torch.

Where a paper is silent, a comment says whose figure stands in. Two things are ours throughout:
scales are drawn with 0.7 of the deviation their papers have (`Augmentation.scale`), and half bodies
are not cut out (HRNet's code does that to three in ten persons of more than eight keypoints). The
weights begin fresh unless `--start` names a trained base or a public backbone; papers 000 to 003
begin with ImageNet's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.data.augment import Augmentation
from core.models.entries import ENTRIES
from core.models.model_config import ModelConfig
from core.training.config import LoopConfig, SetsConfig, TrainConfig
from core.training.default_loss import default_loss, place_loss_of
from core.training.loss_config import HybridPoseLoss, OahpeLoss, PlainLoss
from core.training.recipe import Recipe, its_base
from core.training.strategies import STRATEGIES, Strategy

# SimpleBaseline's, which papers 000 and 001 take over; batches of 32 on each of four devices there.
ADAM = LoopConfig(
    epochs=140,
    batch_size=128,
    optimizer="adam",
    schedule="steps",
    learning_rate=1e-3,
    warmup_epochs=0.0,
    milestones=(90, 120),
    weight_decay=0.0,
    average_decay=0.0,  # the weights themselves ship
    clip_norm=1e6,  # never
)
HRNET = replace(ADAM, epochs=210, milestones=(170, 200))  # paper 001
CPN = replace(ADAM, epochs=160, batch_size=32, milestones=(120, 150))  # paper 003
KS_NET = replace(ADAM, epochs=60, batch_size=32, milestones=(30, 50))  # paper 003
RATING = replace(ADAM, epochs=30, milestones=(20, 25))  # ours: the poster says nothing
# ViTPose's, without its smaller rates for earlier layers and its dropped paths.
VITPOSE = replace(
    HRNET,
    batch_size=512,
    optimizer="adamw",
    learning_rate=5e-4,
    warmup_epochs=1.7,  # 500 steps of COCO's persons
    weight_decay=0.1,
    clip_norm=1.0,
)
# Paper 002; epochs and decay are KAPAO's.
HYBRIDPOSE = LoopConfig(
    epochs=500,
    optimizer="sgd",
    schedule="plateau",
    learning_rate=1e-4,
    warmup_epochs=3.0,
    factor=0.5,
    patience_epochs=20,
    weight_decay=5e-4,
    average_decay=0.0,
    clip_norm=1e6,
)
BATCH_OF_HYBRIDPOSE = {"hybridpose_s": 128, "hybridpose_m": 72, "hybridpose_l": 48}

# SimpleBaseline's code, nothing pasted, cut off or lit; papers 000, 001 and 004 say no other.
TURNED = Augmentation(
    scale=0.3, rotation_deg=40, shift=0, cut_share=0, occluded_share=0, blur_share=0, light_share=0
)
TURNED_OF_HRNET = replace(TURNED, scale=0.35, rotation_deg=45)  # HRNet's code, SimCC's on it
MORE_TURNED = replace(TURNED, scale=0.35, rotation_deg=22.5, rotated_share=1.0)  # paper 003
COCO = SetsConfig(coco_repeats=1, drawn_pictures=0)


def _stage(model: ModelConfig, name: str, loop: LoopConfig) -> TrainConfig:
    turned = MORE_TURNED if loop in (CPN, KS_NET) else TURNED_OF_HRNET if loop == HRNET else TURNED
    return TrainConfig(
        model, name, loss=default_loss(model), loop=loop, augmentation=turned, sets=COCO
    )


def _loop_of(model: ModelConfig) -> LoopConfig:
    """Of a network's places, by its base."""
    base = getattr(model.network, "base", None)
    if base is None:
        return VITPOSE
    return HRNET if "hrnet" in base.name else CPN if "cpn" in base.name else ADAM


def _plain(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    stage = _stage(model, "places", _loop_of(model))
    yield f"plain/{name}", Recipe(f"{name}: places", (stage,))


def _metamodel(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    for key, strategy in STRATEGIES.items():
        yield f"paper/{name}_{key}", _by_strategy(name, model, strategy)


def _by_strategy(name: str, model: ModelConfig, strategy: Strategy) -> Recipe:
    """Paper 000's S1, S2 or S3; the last two train places first, unless they begin with them."""
    loop = replace(ADAM, epochs=strategy.epochs)
    if strategy.needs_places:
        loop = replace(loop, milestones=())  # the paper names none for these epochs
    last = replace(
        _stage(model, "flags" if strategy.needs_places else "places", loop),
        trained=strategy.trained,
        loss=replace(strategy.loss, places=place_loss_of(model)),
    )
    what = f"{name}: {strategy.what}"
    if not strategy.needs_places:
        return Recipe(what, (last,))
    return Recipe(what, (_stage(its_base(model), "places", ADAM), last), when_started=(last,))


def _visaware(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    stage = _stage(model, "places", _loop_of(model))
    yield f"paper/{name}", Recipe(f"{name}: places and which keypoints are visible", (stage,))


def _oahpe(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    loss = default_loss(model)
    assert isinstance(loss, OahpeLoss)
    first = replace(_stage(model, "places", CPN), loss=replace(loss, similarity_weight=0.0))
    if not loss.similarity_weight:
        yield f"paper/{name}", Recipe(f"{name}: places and presence", (first,))
        return
    last = replace(
        _stage(model, "similarity", KS_NET),
        trained="similarity_net",
        loss=replace(loss, places_weight=0.0, presence_weight=0.0),
    )
    what = f"{name}: places and presence, then KS-net alone; only that with --start"
    yield f"paper/{name}", Recipe(what, (first, last), when_started=(last,))


def _hpcvnet(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    base = its_base(model)
    first = replace(_stage(base, "base", _loop_of(model)), loss=PlainLoss(place_loss_of(base)))
    last = replace(_stage(model, "rating", RATING), trained="rating")
    what = f"{name}: its base for places, then the rating alone; only that with --start"
    yield f"paper/{name}", Recipe(what, (first, last), when_started=(last,))


def _hybridpose(name: str, model: ModelConfig) -> Iterator[tuple[str, Recipe]]:
    loop = replace(HYBRIDPOSE, batch_size=BATCH_OF_HYBRIDPOSE[name])
    # A rate as small as 1e-4 under plain SGD says that the loss is KAPAO's, times the batch's size.
    stage = replace(_stage(model, "people", loop), loss=HybridPoseLoss(times_batch=True))
    yield f"paper/{name}", Recipe(f"{name}: persons on whole pictures", (stage,))


_OF_FAMILY = {
    "plain": _plain,
    "vitpose": _plain,
    "metamodel": _metamodel,
    "visaware": _visaware,
    "oahpe": _oahpe,
    "hpcvnet": _hpcvnet,
    "hybridpose": _hybridpose,
}

PAPER_RECIPES: Mapping[str, Recipe] = {
    key: recipe
    for name, entry in ENTRIES.items()
    if not name.endswith("_tiny")
    for key, recipe in _OF_FAMILY[entry.model.family](name, entry.model)
}
