"""The verbs about models: models, add-model; their words, and what they refuse."""

import json
from pathlib import Path

import pytest
import torch

from app.command_line import main
from core.data.skeleton import COCO_NAMES
from tests.core.inference.small_detectors import a_detector
from tests.core.models.public_weights.written import Sheet, write_sbl

Said = pytest.CaptureFixture[str]
MODEL = "metamodel_tiny"


def test_models_says_what_is_known_of_each(own_data_dir: Path, capsys: Said) -> None:
    broken = own_data_dir / "checkpoints" / "broken"
    broken.mkdir(parents=True)
    (broken / "config.json").write_text("{")
    a_detector(own_data_dir / "detectors" / "mine")
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    blocks = {block.splitlines()[0]: block for block in said.rstrip().split("\n\n")}
    assert "MB, shipped with the program: " in blocks[MODEL]
    assert "  predicts  17 keypoints: nose, left_eye" in blocks[MODEL]
    assert "  from      Paper 000" in blocks[MODEL]
    assert "cannot be used" not in blocks[MODEL]
    assert "  cannot be used as it is: " in blocks["broken"]
    assert "This is not readable JSON" in blocks["broken"]
    assert "  what      Finds people: RT-DETR (Zhao et al. 2024)." in blocks["mine"]
    away = blocks["Not here; `models NAME` says how to get one:"]
    assert "vitpose_base_simple" in away
    assert "dfine_small" in away
    assert "people and poses" in away
    assert main(["models", "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert (found[MODEL]["is_shipped"], found["broken"]["size_bytes"]) == (True, 0)
    assert found["dfine_small"]["present"] is False


def test_models_says_how_to_get_one(capsys: Said) -> None:
    assert main(["models", "vitpose_base"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "vitpose_base"
    assert "  to get it `add-model usyd-community/vitpose-base` gets public weights" in lines[3]
    assert main(["models", "x"]) == 1
    assert capsys.readouterr().err.startswith("There is no model called 'x'. Known: ")


@pytest.fixture
def public_file(tmp_path: Path) -> Path:
    """Weights of a narrow SimpleBaseline as its authors name them."""
    sheet = Sheet()
    write_sbl(sheet, 17)
    torch.save(sheet.weights, tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


def test_a_file_is_added_and_said_what_became_of_it(public_file: Path, capsys: Said) -> None:
    added = ["add-model", str(public_file), "--as", "mine", "--crop", "96x128", "--licence", "MIT"]
    assert main(added) == 0
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Added mine: ")
    assert lines[0] == "  Layout: Heat maps on ResNet-50 (SimpleBaseline), as its authors named it."
    assert "  Looks at crops of 96 x 128 pixels, 1.25 x the box, as BGR; mean" in lines[-3]
    assert lines[-1] == "  17 keypoints: nose, left_eye, right_eye, left_ear, right_ear, …."
    assert last == "Use it: predict NAME --model mine"
    assert main(["models", "mine", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["present"], listed["licence"], listed["crop_size_wh_px"]) == (
        True,
        "MIT",
        [96, 128],
    )


@pytest.mark.parametrize("by", ["comma", "line"])
def test_keypoints_are_named_by_comma_or_in_a_file(
    public_file: Path, tmp_path: Path, capsys: Said, by: str
) -> None:
    names = [f"point_{n}" for n in range(17)]
    (tmp_path / "names.txt").write_text("\n".join(names) + "\n")
    said = ", ".join(names) if by == "comma" else str(tmp_path / "names.txt")
    added = ["add-model", str(public_file), "--as", "mine", "--crop", "96x128"]
    assert main([*added, "--keypoints", said, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["listed"]["keypoint_names"] == names
    assert names != list(COCO_NAMES)
    assert any(line.startswith("Layout: ") for line in found["lines"])


def test_a_detector_says_how_to_use_it(tmp_path: Path, capsys: Said) -> None:
    assert main(["add-model", str(a_detector(tmp_path / "det"))]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Use it: predict NAME --model M --boxes detected --detector det"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["nowhere"], 1, "There is no file or folder nowhere."),
        (["weights.pth", "--crop", "12"], 2, "'12' is not WxH in pixels, e.g. 192x256."),
        (["weights.pth", "--crop", "ax9"], 2, "'ax9' is not WxH in pixels"),
        (["weights.pth", "--keypoints", ","], 1, "These are no names of keypoints."),
        (["weights.pth", "--keypoints", "binary"], 1, "names of the keypoints cannot be read"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_added_is_refused(
    public_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Said,
    more: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert main(["add-model", *more]) == code
    assert said in capsys.readouterr().err
