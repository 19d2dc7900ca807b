"""The verbs about models as people and scripts meet them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.command_line import main
from app.workflow import jobs
from app.workflow.workspace import open_workspace
from core.data.skeleton import COCO_NAMES
from tests.app.workflow.coco_files import a_coco, a_file, some_photos
from tests.app.workflow.packed_photos import a_photo

Said = pytest.CaptureFixture[str]
MODEL = "metamodel_tiny"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "ski.png"
    path.write_bytes(a_photo())
    return path


@pytest.fixture
def val(tmp_path: Path, capsys: Said) -> Path:
    """The file of an imported dataset `val`, with its photos."""
    some_photos(tmp_path)
    file = a_file(tmp_path, a_coco())
    assert main(["import", "val", str(file)]) == 0
    capsys.readouterr()
    return file


def test_a_photo_is_predicted_as_a_table(photo: Path, capsys: Said) -> None:
    assert main(["predict-photo", str(photo), "--box", "5,5,30,40", "--box", "0,0,20,20"]) == 0
    model, size, header, *lines = capsys.readouterr().out.splitlines()
    assert (model, size) == (f"Model {MODEL}.", f"{photo}, 64 x 48 pixels:")
    assert header.split() == ["person", "keypoint", "x", "y", "p0", "p1", "p2", "presence", "heat"]
    assert [line.split()[:2] for line in lines] == [
        [person, name] for person in "12" for name in COCO_NAMES
    ]


def test_a_photo_is_predicted_for_machines_and_into_a_file(
    photo: Path, tmp_path: Path, capsys: Said
) -> None:
    out = tmp_path / "out.json"
    assert main(["predict-photo", str(photo), "--out", str(out), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == json.loads(out.read_text())
    assert said.err == f"Wrote {out}.\n"
    (result,) = json.loads(said.out)
    assert (len(result["keypoints"]), len(result["visibility"])) == (51, 17)


REFUSED = [
    (["--model", "huge"], 1, "There is no model called 'huge'. Known models: "),
    (["--box", "900,0,5,5"], 1, "(900, 0, 5, 5) lies outside the picture"),
    (["--box", "nan,0,5,5"], 1, "(nan, 0, 5, 5) is not made of numbers"),
    (["--box", "1,2,3"], 2, "'1,2,3' is not X,Y,W,H in pixels."),
    (["--out", "a.txt"], 1, "a.txt: The ending '.txt' says no format."),
    (["README.md"], 1, "README.md: This is no photo. JPEG, PNG, WebP and BMP are read."),
]


@pytest.mark.parametrize(("more", "code", "said"), REFUSED)
def test_what_cannot_be_predicted_is_refused(
    photo: Path, capsys: Said, more: list[str], code: int, said: str
) -> None:
    assert main(["predict-photo", str(photo), *more]) == code
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("val")
def test_predict_says_what_it_did_and_runs_lists_it(capsys: Said) -> None:
    assert main(["predict", "val", "--model", MODEL, "--boxes", "annotated"]) == 0
    assert capsys.readouterr().out == f"Run {MODEL}-1 of val: 2 persons on 2 photos.\n"
    assert main(["runs", "val"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "model", "persons", "made", "(UTC)"]
    assert line.split()[:3] == [f"{MODEL}-1", MODEL, "2"]


@pytest.mark.usefixtures("val")
def test_a_detached_run_becomes_a_job_and_without_a_worker_that_is_said(capsys: Said) -> None:
    assert main(["predict", "val", "--model", MODEL, "--detach", "--as", "mine", "--json"]) == 0
    said = capsys.readouterr()
    job = jobs.find(open_workspace(), json.loads(said.out)["job"])
    assert (job.verb, job.state.value) == ("predict", "waiting")
    assert said.err == (
        "The job waits. No worker is running. Start one: python -m app worker, or "
        "python -m app serve.\n"
    )
    assert main(["predict", "val", "--model", "huge", "--detach"]) == 1
    assert capsys.readouterr().err.startswith("There is no model called 'huge'.")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "detected",
            "Nobody is detected yet; persons are cut out by the boxes of their annotations. "
            "Leave --boxes out.\n",
        ),
        ("drawn", "There is no kind of boxes 'drawn'. Known: annotated.\n"),
    ],
)
def test_other_boxes_are_refused(capsys: Said, kind: str, said: str) -> None:
    assert main(["predict", "val", "--model", MODEL, "--boxes", kind]) == 1
    assert capsys.readouterr().err == said


def test_models_says_what_is_known_of_each(own_data_dir: Path, capsys: Said) -> None:
    broken = own_data_dir / "checkpoints" / "broken"
    broken.mkdir(parents=True)
    (broken / "config.json").write_text("{")
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    blocks = {block.splitlines()[0]: block for block in said.rstrip().split("\n\n")}
    assert "MB, shipped with the program: " in blocks[MODEL]
    assert "place and visibility of 17 keypoints: nose, left_eye" in blocks[MODEL]
    assert "cannot be used" not in blocks[MODEL]
    assert "This is not readable JSON" in blocks["broken"]
    assert blocks["broken"].endswith("cannot be used as it is")
    assert main(["models", "--json"]) == 0
    found = {each["card"]["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert (found[MODEL]["is_shipped"], found["broken"]["size_bytes"]) == (True, 0)


@pytest.mark.parametrize("verb", [["models"], ["runs", "val"], ["predict", "val", "--model", "x"]])
def test_verbs_that_need_no_model_do_not_load_torch(val: Path, verb: list[str]) -> None:
    code = (
        "import sys; from app.command_line import main; "
        f"main({verb!r}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
