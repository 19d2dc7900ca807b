"""What a training begins with: a model, or a public backbone."""

from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import save_file

from app.workflow import train as training
from app.workflow.train_settings import Asked
from app.workflow.workspace import Workspace
from core.models.cards import WEIGHTS_DIR
from core.models.catalog import build_model
from core.models.checkpoint_config import read_config
from core.models.hub_folder import WEIGHTS_FILE
from core.training import recipes
from core.training.config import LoopConfig, TrainConfig
from core.training.loss_config import PlainLoss
from core.training.recipe import Recipe
from tests.app.workflow.coco_files import a_coco, a_file
from tests.app.workflow.small_trainings import ASKED, four_photos, refusal
from tests.core.training.small_networks import SMALL_RESNET, write_backbone

pytestmark = pytest.mark.usefixtures("small_steps")


def test_it_begins_with_a_copy_of_the_weights_it_is_given(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    asked = Asked("tiny/flags", data="drawn", start="metamodel_tiny", threads=1)
    training.train(ws, asked, out=out)
    training_config = read_config(out).training
    assert training_config["start"].startswith("metamodel_tiny (`")
    shipped = read_config(WEIGHTS_DIR / "metamodel_tiny")
    assert training_config["earlier"] == shipped.training
    assert shipped.licence in read_config(out).licence
    assert (out / "run/start/config.json").is_file()
    assert [stage["stage"] for stage in training_config["stages"]] == ["flags"]


@pytest.fixture
def small_resnet(small_steps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that leaves out its first stage where it begins with a trained model."""
    loop = LoopConfig(epochs=1, batch_size=4)
    places = TrainConfig(SMALL_RESNET, "places", loss=PlainLoss(), loop=loop)
    found = Recipe("for tests", (places, replace(places, stage="more")), when_started=(places,))
    monkeypatch.setitem(recipes.RECIPES, "small/resnet", found)  # type: ignore[arg-type]
    monkeypatch.setitem(
        recipes.RECIPES,  # type: ignore[arg-type]
        "small/on",
        replace(found, needs_start=True),
    )


def test_a_backbone_begins_the_whole_recipe_for_the_keypoints_of_the_data(
    ws: Workspace, tmp_path: Path, small_resnet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = a_file(tmp_path, a_coco(images=4, names=("nose", "left_fin", "right_fin", "tail")))
    asked = Asked(
        "small/resnet", data=str(data), images=str(four_photos(tmp_path)), start="resnet50.pth"
    )
    file = write_backbone(tmp_path / "resnet50.pth")
    monkeypatch.chdir(tmp_path)
    done = training.train(ws, asked, out=tmp_path / "fish")
    config = read_config(tmp_path / "fish")
    assert config.model.keypoint_names == ("nose", "left_fin", "right_fin", "tail")
    assert [stage["stage"] for stage in config.training["stages"]] == ["places", "more"]
    assert done.report.taken.startswith("From resnet50.pth it takes base.backbone; fresh: base.he")
    assert (tmp_path / "fish/run/start/resnet50.pth").read_bytes() == file.read_bytes()
    file.unlink()
    again = training.train(ws, Asked("small/resnet"), out=tmp_path / "fish")
    assert again.report.taken == done.report.taken


def test_a_folder_of_the_hub_is_a_backbone_too(
    ws: Workspace, drawn: Path, tmp_path: Path, small_resnet: None
) -> None:
    hub = tmp_path / "resnet-50"
    hub.mkdir()
    weights = build_model(SMALL_RESNET).base.backbone.state_dict()  # type: ignore[union-attr]
    save_file({f"resnet.{name}": value for name, value in weights.items()}, hub / WEIGHTS_FILE)
    asked = Asked("small/resnet", data="drawn", start=str(hub))
    done = training.train(ws, asked, out=tmp_path / "mine")
    assert done.report.taken.startswith("From model.safetensors it takes base.backbone; fresh: ")


def test_a_backbone_that_does_not_fit_is_refused_and_nothing_is_left(
    ws: Workspace, drawn: Path, tmp_path: Path, small_resnet: None
) -> None:
    file = write_backbone(tmp_path / "resnet50.pth")
    asked = Asked("small/on", data="drawn", start=str(file))
    assert refusal(ws, asked, tmp_path / "mine").what == (
        "Recipe small/on goes on from trained weights."
    )
    asked = replace(ASKED, data="drawn", start=str(file))
    assert refusal(ws, asked, tmp_path / "mine").what == (
        "No start is known for a backbone of kind TinyResNet."
    )
    assert not (tmp_path / "mine").exists()


def test_a_start_that_knows_none_of_the_keypoints_is_refused(ws: Workspace, tmp_path: Path) -> None:
    file = a_file(tmp_path, a_coco(names=("a", "b", "c", "d")))
    photos = str(four_photos(tmp_path))
    asked = replace(ASKED, data=str(file), images=photos, start="metamodel_tiny")
    error = refusal(ws, asked, tmp_path / "mine")
    assert error.what == "Model metamodel_tiny knows none of these keypoints: a, b, c, d."
