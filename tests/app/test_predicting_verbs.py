"""The verbs about models as people and scripts meet them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.command_line import main
from app.workflow import finders, jobs
from app.workflow.workspace import open_workspace
from core.data.skeleton import COCO_NAMES
from tests.app.workflow.coco_files import a_coco, a_file, some_photos
from tests.app.workflow.packed_photos import a_photo
from tests.core.inference.small_detectors import a_detector

Said = pytest.CaptureFixture[str]
MODEL = "metamodel_tiny"
GET_ONE = (
    "`add-model ustc-community/dfine-small-obj2coco` gets a detector (41.5 MB); "
    "`models` lists others."
)


@pytest.fixture
def nothing_finds_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no model that finds people came with the program."""
    monkeypatch.setattr(finders, "list_finders", lambda ws: [])


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
    model, size, first, second, header, *lines = capsys.readouterr().out.splitlines()
    assert (model, size) == (f"Model {MODEL}.", f"{photo}, 64 x 48 pixels:")
    assert first.startswith("person 1: box 5,5,30,40; conventional 0.")
    assert second.startswith("person 2: box 0,0,20,20; conventional 0.")
    assert header.split() == [
        "person", "keypoint", "x", "y", "p0", "p1", "p2", "presence", "visible", "heat",
    ]  # fmt: skip
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
    assert said.err.endswith(f"Wrote {out}.\n")
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
    assert header.split() == ["name", "model", "boxes", "persons", "made", "(UTC)"]
    assert line.split()[:4] == [f"{MODEL}-1", MODEL, "annotated", "2"]


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
    ("more", "said"),
    [
        (["--boxes", "drawn"], "There is no kind of boxes 'drawn'. Known: annotated, detected.\n"),
        (
            ["--detector", "x"],
            "People are cut out by the boxes of their annotations; none are looked for. "
            "Say --boxes detected, or leave --detector and --min-score out.\n",
        ),
        (["--boxes", "detected"], f"Nothing here finds people on a photo. {GET_ONE}\n"),
        (
            ["--boxes", "detected", "--detector", MODEL],
            f"{MODEL} finds nobody: it says the pose of somebody in a box. "
            f"Here: nothing that finds people. {GET_ONE}\n",
        ),
    ],
)
@pytest.mark.usefixtures("val", "nothing_finds_people")
def test_boxes_that_cannot_be_had_are_refused(capsys: Said, more: list[str], said: str) -> None:
    for detached in ([], ["--detach"]):
        assert main(["predict", "val", "--model", MODEL, *more, *detached]) == 1
        assert capsys.readouterr().err == said


@pytest.mark.usefixtures("val")
def test_people_are_found_and_matched(own_data_dir: Path, capsys: Said) -> None:
    a_detector(own_data_dir / "detectors" / "tiny")
    asked = ["predict", "val", "--model", MODEL, "--boxes", "detected", "--detector", "tiny"]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["run"]["box_source"] == "detected"
    found_by = said["run"]["found_by"]
    assert (found_by["name"], len(found_by["sha256"]), found_by["min_score"]) == ("tiny", 64, 0.3)
    persons = said["run"]["num_predictions"]
    assert 2 <= persons <= 4
    assert said["num_matched"] <= 2
    assert main(["runs", "val"]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:6] == [f"{MODEL}-1", MODEL, "found", "by", "tiny", str(persons)]
    assert main([*asked, "--min-score", "0.95", "--as", "none"]) == 0
    assert capsys.readouterr().out == (
        "Run none of val: 0 persons on 2 photos. Found by tiny; 0 of them are annotated.\n"
    )
    assert main(["suspects", "val", "--run", f"{MODEL}-1"]) == 0


def test_everybody_on_a_photo_is_found(photo: Path, own_data_dir: Path, capsys: Said) -> None:
    a_detector(own_data_dir / "detectors" / "tiny", queries=3)
    assert main(["predict-photo", str(photo)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    first, size, *lines = said.out.splitlines()
    assert (first, size) == (
        f"Model {MODEL}, people found by tiny.",
        f"{photo}, 64 x 48 pixels:",
    )
    people = [line for line in lines if line.startswith("person ") and "box" in line]
    assert 1 <= len(people) <= 3
    assert "detection 0.88" in people[0]
    assert main(["predict-photo", str(photo), "--min-score", "0.95"]) == 0
    assert capsys.readouterr().out.endswith("pixels:\nnobody found\n")
    assert main(["predict-photo", str(photo), "--detector", "x"]) == 1
    assert capsys.readouterr().err.startswith("There is no detector called 'x'. Here: tiny.")
    assert main(["predict-photo", str(photo), "--whole", "--detector", "tiny"]) == 1
    assert capsys.readouterr().err == (
        "Nobody is looked for: it is said where they are. "
        "Leave --detector and --min-score out, or --box and --whole.\n"
    )
    assert main(["predict-photo", str(photo), "--whole"]) == 0
    assert "person 1: box 0,0,64,48" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_finds_people")
def test_where_nobody_can_be_found_the_whole_picture_is_taken_and_that_is_said(
    photo: Path, capsys: Said
) -> None:
    assert main(["predict-photo", str(photo)]) == 0
    said = capsys.readouterr()
    assert "person 1: box 0,0,64,48" in said.out
    assert said.err == f"Each whole picture is taken for one person. {GET_ONE}\n"


@pytest.mark.parametrize("verb", [["models"], ["runs", "val"], ["predict", "val", "--model", "x"]])
def test_verbs_that_need_no_model_do_not_load_torch(val: Path, verb: list[str]) -> None:
    code = (
        "import sys; from app.command_line import main; "
        f"main({verb!r}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
