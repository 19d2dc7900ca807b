"""Models that others made, taken in from files, folders and the Hub; nothing half made stays."""

import errno
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from app.workflow import model_sources
from app.workflow.add_model import add_model
from app.workflow.catalogue import list_everything
from app.workflow.claims import ADDING, hold, sweep
from app.workflow.finders import list_finders
from app.workflow.model_sources import AddAsked
from app.workflow.models import DEFAULT_MODEL, model_card
from app.workflow.workspace import Workspace
from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import read_config
from tests.app.workflow.stub_hub import COMMIT, StubHub, a_hub
from tests.core.inference.small_detectors import a_detector
from tests.core.models.public_weights.written import Sheet, write_sbl
from tests.core.models.vitpose.hub_folders import a_vitpose_folder

SHIPPED = WEIGHTS_DIR / DEFAULT_MODEL


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StubHub]:
    with a_hub(monkeypatch, tmp_path / "cache") as running:
        yield running


def nothing_half_made(ws: Workspace) -> bool:
    return not list((ws.data_dir / ADDING).glob("*"))


def nothing_is_there(ws: Workspace) -> bool:
    made = [*(ws.data_dir / "checkpoints").glob("*"), *(ws.data_dir / "detectors").glob("*")]
    return nothing_half_made(ws) and not made


def test_a_vitpose_folder_becomes_a_model_that_predicts(ws: Workspace, tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "my-vitpose")
    added = add_model(ws, AddAsked(str(folder), licence="Apache-2.0"))
    listed = added.listed
    assert listed.name == "my-vitpose"
    assert listed.folder == ws.data_dir / "checkpoints" / "my-vitpose"
    assert (listed.present, listed.licence) == (True, "Apache-2.0")
    assert listed.trained_on == "Weights of my-vitpose."
    assert added.lines == (
        "Layout: ViTPose of the Hub.",
        f"{listed.num_parameters:,} parameters taken; every name and shape fits.",
        "Looks at crops of 96 x 128 pixels, 1.25 x the box, as RGB; mean 123.7, 116.3, 103.5; "
        "deviation 58.4, 57.12, 57.38.",
        "Crops and maps lie on each other as udp; places are read by dark.",
        "17 keypoints: nose, left_eye, right_eye, left_ear, right_ear, ….",
    )
    assert "# my-vitpose" in (listed.folder / "README.md").read_text()
    assert model_card(ws, "my-vitpose").keypoint_names == COCO17.names
    assert nothing_half_made(ws)


def test_a_name_of_the_hub_gets_the_name_of_the_catalogue(
    ws: Workspace, hub: StubHub, tmp_path: Path
) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    hub.models["usyd-community/vitpose-base-simple"] = folder
    hub.models["ustc-community/dfine-nano-coco"] = a_detector(tmp_path / "det")
    pose = add_model(ws, AddAsked("usyd-community/vitpose-base-simple")).listed
    assert (pose.name, pose.licence) == ("vitpose_base_simple", "apache-2.0")
    assert pose.trained_on == (
        f"Weights of usyd-community/vitpose-base-simple on the Hub, commit {COMMIT[:12]}."
    )
    detector = add_model(ws, AddAsked("ustc-community/dfine-nano-coco@main")).listed
    assert detector.name == "dfine_nano"
    assert detector.source.startswith("ustc-community/dfine-nano-coco on the Hub, commit")
    assert [each.name for each in list_finders(ws) if not each.is_model] == ["dfine_nano"]
    assert not any(each.name == "dfine_nano" and not each.present for each in list_everything(ws))


def test_a_detector_folder_is_taken_in_with_its_hash(ws: Workspace, tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "det")
    (folder / "evil.py").write_text("raise SystemExit")
    added = add_model(ws, AddAsked(str(folder), name="mine", licence="none"))
    ours = ws.data_dir / "detectors" / "mine"
    assert sorted(each.name for each in ours.iterdir()) == [
        "config.json",
        "model.safetensors",
        "source.json",
    ]
    said = json.loads((ours / "source.json").read_text())
    assert (said["source"], said["licence"], len(said["sha256"])) == ("det", "none", 64)
    assert added.lines == (
        "Layout: RT-DETR (Zhao et al. 2024), of the Hub.",
        "289,288 numbers taken; every name and shape fits.",
        "Photos are squeezed to 640 x 640 pixels.",
    )


def test_a_checkpoint_folder_is_taken_into_the_list_under_its_new_name(
    ws: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "trained"
    shutil.copytree(SHIPPED, folder)
    added = add_model(ws, AddAsked(str(folder), name="other", licence="mine"))
    assert added.lines[0] == "Layout: a checkpoint folder of this program."
    config = read_config(ws.data_dir / "checkpoints" / "other")
    before = read_config(SHIPPED)
    assert (config.name, config.licence) == ("other", "mine")
    assert config.weights_sha256 == before.weights_sha256
    assert load_checkpoint(ws.data_dir / "checkpoints" / "other")


def test_a_file_of_known_layout_becomes_a_model(ws: Workspace, tmp_path: Path) -> None:
    asked = AddAsked(str(a_public_file(tmp_path)), crop_size_wh_px=(96, 128), licence="MIT")
    added = add_model(ws, asked)
    assert added.listed.name == "pose_resnet_50"
    assert (added.listed.crop_size_wh_px, added.listed.licence) == ((96, 128), "MIT")
    assert added.lines[0] == (
        "Layout: Heat maps on ResNet-50 (SimpleBaseline), as its authors named it."
    )
    assert "weights taken." in added.lines[1]


def a_public_file(folder: Path, name: str = "pose_resnet_50.pth") -> Path:
    """A narrow SimpleBaseline under the names of its authors."""
    sheet = Sheet()
    write_sbl(sheet, 17)
    torch.save(sheet.weights, folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"alignment": "sideways"}, "alignment"),
        ({"crop_size_wh_px": (9, 9)}, "crop_size_wh_px"),
        ({"keypoint_names": ("nose", "chin")}, "17"),
    ],
)
def test_wishes_that_do_not_fit_a_file_are_refused(
    ws: Workspace, tmp_path: Path, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError) as refused:
        add_model(ws, AddAsked(str(a_public_file(tmp_path)), **asked))
    assert words in str(refused.value)
    assert nothing_is_there(ws)


def test_what_is_asked_of_a_folder_that_says_it_itself_is_refused(
    ws: Workspace, tmp_path: Path
) -> None:
    vitpose = a_vitpose_folder(tmp_path / "vitpose")
    with pytest.raises(UserError) as refused:
        add_model(ws, AddAsked(str(vitpose), crop_size_wh_px=(96, 128), alignment="udp"))
    assert str(refused.value) == (
        "--crop and --alignment cannot be chosen here: the folder's config.json says it. "
        "Leave it out."
    )
    for folder in (a_detector(tmp_path / "det"), SHIPPED):
        with pytest.raises(UserError, match="--keypoints cannot be chosen here"):
            add_model(ws, AddAsked(str(folder), name="x", keypoint_names=("nose",)))
    assert nothing_is_there(ws)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.pth", "There is no file or folder nowhere.pth. A model of the Hub is named"),
        ("no/such", "There is no file or folder no/such here. There is no public model no/such"),
        ("empty", "empty: This folder has no config.json, so nothing says what is in it. Give the"),
        ("pickled", "pytorch_model.bin would have to be run to be read."),
        ("yolo", "Models of this kind are not known: model_type is 'yolos'. Known of the Hub: "),
        ("bare", "bare: model.safetensors is missing. Only safetensors are read, never pickles."),
        ("text.pth", "This file does not hold plain weights"),
        ("empty.pth", "empty.pth: This file is empty."),
        ("empty.safetensors", "empty.safetensors: This file is empty."),
        ("vitpose_base", "`add-model usyd-community/vitpose-base` gets the one of that name"),
    ],
)
def test_what_cannot_be_taken_in_is_refused(
    ws: Workspace, hub: StubHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str,
    words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("empty", "pickled", "yolo", "bare"):
        Path(name).mkdir()
    Path("pickled/pytorch_model.bin").write_bytes(b"")
    Path("yolo/config.json").write_text('{"model_type": "yolos"}')
    Path("bare/config.json").write_text('{"model_type": "vitpose"}')
    Path("text.pth").write_text("no weights")
    for name in ("empty.pth", "empty.safetensors"):
        Path(name).touch()
    with pytest.raises(UserError) as refused:
        add_model(ws, AddAsked(source))
    assert words in str(refused.value)
    assert nothing_is_there(ws)


def test_words_about_a_detector_name_the_folder_that_was_given(
    ws: Workspace, tmp_path: Path
) -> None:
    folder = a_detector(tmp_path / "cats")
    said = json.loads((folder / "config.json").read_text()) | {"id2label": {"0": "cat"}}
    (folder / "config.json").write_text(json.dumps(said))
    with pytest.raises(UserError) as refused:
        add_model(ws, AddAsked(str(folder)))
    assert refused.value.where == str(folder / "config.json")
    assert nothing_is_there(ws)


def test_a_name_that_is_taken_or_none_is_refused(ws: Workspace, tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "det")
    add_model(ws, AddAsked(str(folder), name="mine"))
    for name in ("mine", DEFAULT_MODEL):
        with pytest.raises(UserError) as refused:
            add_model(ws, AddAsked(str(folder), name=name))
        assert str(refused.value) == (
            f"There is a model called {name!r} already. Choose another one with --as."
        )
    for name in ("../up", ".hidden", "a/b", "a\\b"):
        with pytest.raises(UserError, match="cannot be the name of a folder"):
            add_model(ws, AddAsked(str(folder), name=name))
    with pytest.raises(UserError, match="The model name is blank"):
        add_model(ws, AddAsked(str(folder), name=" "))


def test_a_damaged_detector_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "det")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-50_000])
    with pytest.raises(UserError, match="cannot be built from its description"):
        add_model(ws, AddAsked(str(folder)))
    assert nothing_is_there(ws)


def test_what_a_killed_process_left_half_made_is_swept(ws: Workspace) -> None:
    with hold(ws, f"{ADDING}-alive"):
        for name in ("alive", "dead"):
            (ws.data_dir / ADDING / f"{ADDING}-{name}").mkdir(parents=True)
        sweep(ws)
        left = [each.name for each in (ws.data_dir / ADDING).iterdir()]
        assert left == [f"{ADDING}-alive"]


def test_a_full_disk_is_said_and_leaves_nothing(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model_sources.shutil, "copyfile", full)
    with pytest.raises(UserError, match="The disk is full; nothing was written"):
        add_model(ws, AddAsked(str(a_detector(tmp_path / "det"))))
    assert nothing_is_there(ws)
