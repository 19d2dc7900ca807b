"""The models one can predict with, and what is said of those that are not here."""

import shutil
from pathlib import Path

import pytest

from app.workflow.catalogue import list_everything
from app.workflow.models import DEFAULT_MODEL, model_card, model_folder, ways_to_get
from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR
from core.models.detector_cards import KNOWN_DETECTORS
from core.models.entries import ENTRIES
from core.models.hub_folder import CONFIG_FILE
from tests.core.inference.small_detectors import a_detector
from tests.core.inference.small_whole_picture import a_whole_picture_model

SHIPPED = WEIGHTS_DIR / DEFAULT_MODEL


def a_trained_one(ws: Workspace, name: str = "mine") -> Path:
    folder = ws.data_dir / "checkpoints" / name
    shutil.copytree(SHIPPED, folder)
    config = folder / "config.json"
    config.write_text(config.read_text().replace(f'"name": "{DEFAULT_MODEL}"', f'"name": "{name}"'))
    return folder


def test_shipped_and_trained_models_are_listed_with_their_size(ws: Workspace) -> None:
    folder = a_trained_one(ws)
    size = (SHIPPED / "weights.safetensors").stat().st_size
    found = {each.name: each for each in list_everything(ws)}
    mine, shipped = found["mine"], found[DEFAULT_MODEL]
    assert (mine.size_bytes, mine.is_shipped, mine.folder, mine.ways) == (size, False, folder, ())
    assert (shipped.size_bytes, shipped.is_shipped, shipped.present) == (size, True, True)
    assert shipped.source == "Paper 000 (Guesdon et al. 2022), made small"
    assert (shipped.finds, shipped.crop_size_wh_px) == (("poses",), (160, 192))
    assert model_card(ws, "mine").folder == folder
    assert model_folder(ws, str(folder)) == folder


def test_a_broken_folder_is_listed_with_its_problem(ws: Workspace) -> None:
    folder = a_trained_one(ws)
    (folder / "config.json").write_text("{")
    a_trained_one(ws, "empty").joinpath("weights.safetensors").unlink()
    found = {each.name: each for each in list_everything(ws)}
    mine, empty = found["mine"], found["empty"]
    assert (mine.present, mine.what, mine.num_parameters) == (False, "", None)
    assert "This is not readable JSON" in mine.problem
    assert (empty.present, empty.size_bytes) == (False, 0)
    assert empty.problem == "Its weights are missing."
    with pytest.raises(UserError, match="This is not readable JSON"):
        model_card(ws, "mine")


def test_every_network_and_detector_of_the_catalogue_is_listed_once(ws: Workspace) -> None:
    a_detector(ws.data_dir / "detectors" / "dfine_nano")
    broken = ws.data_dir / "detectors" / "broken"
    broken.mkdir()
    (broken / CONFIG_FILE).write_text('{"model_type": "yolo"}')
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder")
    found = list_everything(ws)
    names = [each.name for each in found]
    assert sorted(names) == sorted({*ENTRIES, *KNOWN_DETECTORS, "broken", "finder"})
    listed = dict(zip(names, found, strict=True))
    assert listed["dfine_nano"].present
    assert listed["dfine_nano"].finds == ("people",)
    assert listed["dfine_nano"].num_parameters == 289_288
    assert "no detector that can be run: its model_type is 'yolo'" in listed["broken"].problem
    assert listed["finder"].finds == ("people", "poses")
    assert not listed["dfine_small"].present
    assert listed["dfine_small"].weights.endswith(
        "dfine-small-obj2coco on the Hub (Apache-2.0), 41.5 MB"
    )
    # What is here comes first, models before detectors.
    models = [each for each in found if each.finds != ("people",)]
    assert found[: len(models)] == models
    here = [each.folder is not None for each in models]
    assert here == sorted(here, reverse=True)


@pytest.mark.parametrize("name", [*ENTRIES, *KNOWN_DETECTORS])
def test_there_is_a_way_to_everything(name: str) -> None:
    assert ways_to_get(name) or name == DEFAULT_MODEL


def test_ways_are_commands_that_fit(ws: Workspace) -> None:
    assert ways_to_get("vitpose_base")[0] == (
        "`add-model usyd-community/vitpose-base` gets public weights from the Hub"
    )
    assert ways_to_get("vitpose_large")[0] == (
        "`add-model FILE --as vitpose_large` takes weights of a file"
    )
    assert ways_to_get("sbl_r50")[0] == "`add-model FILE --as sbl_r50` takes weights of a file"
    assert ways_to_get("hpcvnet_r50") == ["`train paper/hpcvnet_r50 --data NAME` trains it"]
    assert ways_to_get("dfine_nano") == [
        "`add-model ustc-community/dfine-nano-coco` gets public weights from the Hub"
    ]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("huge", "There is no model called 'huge'. Known models: "),
        (
            "vitpose_base_simple",
            "The weights of vitpose_base_simple are not here. "
            "`add-model usyd-community/vitpose-base-simple` gets public weights from the Hub; "
            "`train plain/vitpose_base_simple --data NAME` trains it.",
        ),
        (
            "usyd-community/vitpose-base",
            "The weights of vitpose_base are not here. `add-model usyd-community/vitpose-base`",
        ),
        (
            "dfine_small",
            "dfine_small finds people; it says nothing of their keypoints. "
            "Name it with --detector, beside a model.",
        ),
    ],
)
def test_a_model_that_is_not_here_is_refused_with_the_way_to_it(
    ws: Workspace, model: str, words: str
) -> None:
    with pytest.raises(UserError) as refused:
        model_folder(ws, model)
    assert words in str(refused.value)


def test_a_folder_of_the_hub_is_no_checkpoint_yet(ws: Workspace, tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "hub")
    with pytest.raises(UserError) as refused:
        model_folder(ws, str(folder))
    assert str(refused.value) == (
        f"{folder}: This folder is laid out as on the Hub; it is not a checkpoint of this program. "
        f"`add-model {folder}` makes one of it."
    )
