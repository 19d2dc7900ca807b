from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.data.augment import Augmentation, plain_view
from core.data.coco_json import read_coco
from core.errors import UserError
from core.models.checkpoint_config import read_config
from core.models.entries import ENTRIES
from core.models.families import FAMILIES
from core.models.reduced import reduced
from core.training.batches import to_batch
from core.training.export import SAYS, About
from core.training.objectives.by_config import OBJECTIVES
from core.training.optimizers import OPTIMIZERS
from core.training.place_losses import PLACE_LOSSES
from core.training.recipe import stages_of
from core.training.recipes import RECIPES, find_recipe
from core.training.run import Training
from core.training.schedules import SCHEDULES
from core.training.sources import own_set
from core.training.stages import first_network, losses_of_stage
from core.training.tiny_recipes import TINY_RECIPES
from core.training.trained_parts import freeze_all_but, parts_of
from tests.core.training.people_sets import write_drawn
from tests.core.training.small_networks import a_person

CPU = torch.device("cpu")
DOCS = Path(__file__).parents[3] / "docs/training.md"
# One of each kind of network and loss: the others differ in depth alone.
EXAMPLES = [
    "paper/metamodel_sbl_r50_s1", "paper/metamodel_sbl_r50_s3", "paper/metamodel_mspn2_s2",
    "paper/visaware_simcc_r50", "paper/visaware_heatmap_r50", "paper/oahpe_r50_ksnet",
    "paper/hpcvnet_hourglass", "plain/hrnet_w32", "plain/sbl_efficientnet_b0", "plain/cpn_r50",
    "plain/vitpose_plus_small",
]  # fmt: skip

SAID = {
    "tiny/metamodel": "Places and three-way visibility of COCO's 17 keypoints",
    "tiny/flags": "Places and three-way visibility of",
    "tiny/visaware": "Places and p(visible) of",
    "tiny/oahpe": "Places and presence and expected similarity of",
    "tiny/hpcvnet": "Places, presence and expected similarity of",
    "tiny/hybridpose": "People on whole pictures: places and visibility maps of",
}


@pytest.fixture(scope="module")
def eight_drawn(tmp_path_factory):
    """Eight pictures of drawn people as a dataset of one's own."""
    return write_drawn(tmp_path_factory.mktemp("drawn"), count=8)


def small(stage, **loop):
    """The stage of a narrow network with crops a test has time for."""
    size = (128, 128) if stage.model.family == "hybridpose" else (64, 64)
    model = reduced(stage.model, width=0.25, crop_size_wh_px=size)
    return replace(stage, model=model, loop=replace(stage.loop, **loop))


def test_every_name_in_a_recipe_is_known():
    for name, recipe in RECIPES.items():
        for stage in (*recipe.stages, *(recipe.when_started or ())):
            assert type(stage.loss) in OBJECTIVES, name
            assert getattr(stage.loss, "places", "joint_mse") in PLACE_LOSSES, name
            assert stage.loop.optimizer in OPTIMIZERS, name
            assert stage.loop.schedule in SCHEDULES, name


@pytest.mark.parametrize(
    ("name", "optimizer", "batch", "milestones", "decay", "scale", "turned_deg"),
    [
        ("plain/sbl_r50", "adam", 128, (90, 120), 0.0, 0.3, (40, 0.6)),
        ("paper/metamodel_sbl_r50_s1", "adam", 128, (90, 120), 0.0, 0.3, (40, 0.6)),
        ("paper/visaware_simcc_hrnet_w32", "adam", 128, (170, 200), 0.0, 0.35, (45, 0.6)),
        ("paper/oahpe_r101", "adam", 32, (120, 150), 0.0, 0.35, (22.5, 1.0)),
        ("paper/hybridpose_l", "sgd", 48, (), 5e-4, 0.3, (40, 0.6)),
        ("plain/vitpose_base", "adamw", 512, (170, 200), 0.1, 0.3, (40, 0.6)),
    ],
)
def test_first_stages_are_as_papers_and_public_code_have_them(
    name, optimizer, batch, milestones, decay, scale, turned_deg
):
    stage = RECIPES[name].stages[0]
    loop, views = stage.loop, stage.augmentation
    assert (loop.optimizer, loop.batch_size, loop.milestones, loop.weight_decay) == (
        optimizer, batch, milestones, decay,
    )  # fmt: skip
    assert (views.scale, (views.rotation_deg, views.rotated_share)) == (scale, turned_deg)
    assert views == Augmentation(
        scale, views.rotation_deg, views.rotated_share, shift=0, cut_share=0, occluded_share=0,
        blur_share=0, light_share=0,
    )  # fmt: skip
    assert loop.average_decay == 0.0


def test_every_network_of_the_catalogue_has_a_recipe():
    ends_with = [recipe.model for recipe in RECIPES.values()]
    assert [name for name, entry in ENTRIES.items() if entry.model not in ends_with] == []


def test_stages_of_a_recipe_have_names_of_their_own():
    for recipe in RECIPES.values():
        for stages in (recipe.stages, recipe.when_started or ()):
            assert len({stage.stage for stage in stages}) == len(stages)


@pytest.mark.parametrize("name", TINY_RECIPES)
def test_a_tiny_recipe_trains_a_network_that_can_be_measured(name, eight_drawn, tmp_path):
    data = own_set(read_coco(eight_drawn), eight_drawn, eight_drawn.parent / "images", "drawn")
    stages = [small(stage, epochs=2, batch_size=2) for stage in RECIPES[name].stages]
    report = Training(stages, data, tmp_path / "out", about=About("small", name)).run()
    assert set(report.losses) == {stage.stage for stage in stages}
    assert all(loss == loss for loss in report.losses.values())  # a number
    assert report.figures
    assert read_config(tmp_path / "out").what.startswith(SAID[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_stage_of_a_paper_recipe_sends_gradients_to_what_it_trains(name):
    for stage in RECIPES[name].stages:
        config = small(stage)
        network = first_network(config, None)
        parts = parts_of(network, config.trained)
        freeze_all_but(network, parts)
        parts.train()
        views = [plain_view(a_person(n), (64, 64)) for n in range(2)]
        batch = to_batch(views, channel_order=config.model.channel_order)
        losses = losses_of_stage(config, network, (10, 5, 20), device=CPU)(parts, batch, 30)
        losses["loss"].backward()
        moved = [n for n, weight in network.named_parameters() if weight.grad is not None]
        assert moved, stage.stage
        if config.trained != "network":
            assert all(weight.startswith(config.trained) for weight in moved)


def test_begun_with_trained_weights_rating_nets_train_alone():
    assert [stage.stage for stage in RECIPES["tiny/hpcvnet"].stages] == ["base", "rating"]
    for name in ("tiny/hpcvnet", "paper/hpcvnet_r50"):
        (only,) = stages_of(RECIPES[name], started=True)
        assert (only.stage, only.trained) == ("rating", "rating")
    (only,) = stages_of(RECIPES["paper/oahpe_r101_ksnet"], started=True)
    assert (only.stage, only.trained, only.loop.epochs) == ("similarity", "similarity_net", 60)


def test_the_schedules_are_the_papers():
    found = {
        name: (loop.optimizer, loop.learning_rate, loop.epochs, loop.milestones)
        for name in RECIPES
        for loop in [RECIPES[name].stages[0].loop]
    }
    assert found["paper/metamodel_sbl_r50_s1"] == ("adam", 1e-3, 140, (90, 120))
    assert found["paper/visaware_simcc_hrnet_w32"] == ("adam", 1e-3, 210, (170, 200))
    assert found["paper/oahpe_r101"] == ("adam", 1e-3, 160, (120, 150))
    assert found["paper/hybridpose_s"][:2] == ("sgd", 1e-4)
    assert [RECIPES[f"paper/hybridpose_{size}"].stages[0].loop.batch_size for size in "lms"] == [
        48,
        72,
        128,
    ]
    last = RECIPES["paper/metamodel_mspn2_s3"].stages[-1]
    assert (last.trained, last.loop.epochs, last.loss.places) == ("flag_branch", 80, "mspn")
    assert (last.loss.alpha, last.loss.alpha_step, last.loss.flag_weights) == (0.0, 0.1, "counted")


def test_an_unknown_recipe_is_refused_with_those_that_begin_alike():
    with pytest.raises(UserError, match="no recipe 'tiny/huge'") as refused:
        find_recipe("tiny/huge")
    assert refused.value.remedy.startswith("Recipes are e.g. tiny/flags, tiny/hpcvnet, ")
    with pytest.raises(UserError) as refused:
        find_recipe("huge")
    assert "tiny/metamodel" in refused.value.remedy


def row_of(name: str) -> str:
    """The line of `docs/training.md` about a recipe."""
    recipe = RECIPES[name]
    stages = "; then ".join(
        f"{stage.stage} ({'all' if stage.trained == 'network' else stage.trained})"
        for stage in recipe.stages
    )
    steps = "; ".join(
        f"{stage.loop.epochs} at {stage.loop.learning_rate:g}" for stage in recipe.stages
    )
    if recipe.when_started is not None:
        started = "; ".join(
            f"{stage.stage} {stage.loop.epochs} at {stage.loop.learning_rate:g}"
            for stage in recipe.when_started
        )
        steps += f" (with `--start`: {started})"
    return f"| `{name}` | {stages} | {steps} |"


def test_every_recipe_has_its_line_in_the_docs():
    lines = DOCS.read_text().splitlines()
    listed = [line for line in lines if line.startswith(("| `tiny/", "| `paper/", "| `plain/"))]
    assert listed == [row_of(name) for name in RECIPES]


def test_every_family_has_words_for_what_it_says():
    assert set(SAYS) == set(FAMILIES)
