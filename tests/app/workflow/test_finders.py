"""What finds people: named, usual, broken, and none at all."""

import json
from pathlib import Path

import pytest

from app.workflow.finders import Finder, FindPeople, chosen_finder, list_finders, usual_finder
from app.workflow.models import DEFAULT_MODEL
from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR
from tests.core.inference.small_detectors import a_detector
from tests.core.inference.small_whole_picture import a_whole_picture_model

GET_ONE = (
    "`add-model ustc-community/dfine-small-obj2coco` gets a detector (41.5 MB); "
    "`models` lists others."
)


def test_detectors_come_before_models_that_find_people(ws: Workspace) -> None:
    assert [each.name for each in list_finders(ws) if not each.is_model] == []
    model = a_whole_picture_model(ws.data_dir / "checkpoints" / "a")
    first = a_detector(ws.data_dir / "detectors" / "b")
    a_detector(ws.data_dir / "detectors" / "c").joinpath("model.safetensors").unlink()
    (model / "config.json").write_text((model / "config.json").read_text().replace("finder", "a"))
    found = list_finders(ws)
    assert found[0] == Finder("b", first, is_model=False)
    assert Finder("a", model, is_model=True) in found
    assert "c" not in {each.name for each in found}
    assert usual_finder(ws, DEFAULT_MODEL) == found[0]
    assert usual_finder(ws, "a") == Finder("a", model, is_model=True)
    assert chosen_finder(ws, DEFAULT_MODEL, FindPeople("a")).is_model
    assert chosen_finder(ws, DEFAULT_MODEL, FindPeople(str(first))).folder == first
    assert chosen_finder(ws, DEFAULT_MODEL, FindPeople(str(model))).is_model


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (FindPeople(), f"Nothing here finds people on a photo. {GET_ONE}"),
        (
            FindPeople("dfine_nano"),
            "The weights of the detector dfine_nano are not here. "
            "`add-model ustc-community/dfine-nano-coco` gets them (15.3 MB).",
        ),
        (FindPeople("x"), "There is no detector called 'x'. Here: none. `add-model` gets more"),
        (
            FindPeople(DEFAULT_MODEL),
            f"{DEFAULT_MODEL} finds nobody: it says the pose of somebody in a box. "
            f"Here: nothing that finds people. {GET_ONE}",
        ),
        (FindPeople(str(WEIGHTS_DIR / DEFAULT_MODEL)), f"{DEFAULT_MODEL} finds nobody"),
        (FindPeople(min_score=1.5), "A score is from 0 to 1; 1.5 is none."),
        (FindPeople(min_score=float("nan")), "A score is from 0 to 1; nan is none."),
    ],
)
def test_what_finds_nobody_is_refused(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, find: FindPeople, words: str
) -> None:
    monkeypatch.setattr("app.workflow.finders.list_finders", lambda ws: [])
    with pytest.raises(UserError) as refused:
        chosen_finder(ws, DEFAULT_MODEL, find)
    assert words in str(refused.value)


def test_a_broken_detector_says_why(ws: Workspace, tmp_path: Path) -> None:
    folder = a_detector(ws.data_dir / "detectors" / "broken")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "cat"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="has no class called 'person', so it finds no people"):
        chosen_finder(ws, DEFAULT_MODEL, FindPeople("broken"))
