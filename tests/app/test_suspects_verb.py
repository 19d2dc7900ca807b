"""`suspects` as people and scripts meet it."""

import csv
import json
from pathlib import Path

import pytest

from app.command_line import main
from app.workflow.datasets import find_dataset
from app.workflow.workspace import open_workspace
from tests.app.workflow.coco_files import a_file
from tests.app.workflow.doubts import a_run

Said = pytest.CaptureFixture[str]
P = (0.25, 0.5, 0.25)


@pytest.fixture(autouse=True)
def val(tmp_path: Path, capsys: Said) -> None:
    """A dataset of two persons with flags 2, 1, 0, 2."""
    assert main(["import", "val", str(a_file(tmp_path))]) == 0
    capsys.readouterr()


@pytest.fixture
def run() -> None:
    ws = open_workspace()
    a_run(ws, find_dataset(ws, "val"), {102: [P] * 4})
    ws.close()


def says(capsys: Said, *arguments: str) -> tuple[str, str]:
    assert main(["suspects", "val", *arguments]) == 0
    said = capsys.readouterr()
    return said.out, said.err


@pytest.mark.usefixtures("run")
def test_suspects_are_a_table_at_the_terminal(capsys: Said) -> None:
    out, err = says(capsys, "--top", "2")
    assert err == ""
    assert out.splitlines() == [
        "annotation  keypoint   given  now  suggested  suspicion  reviewed  file",
        "       102  nose           2    2  1          0.750      no        000002.png",
        "       102  right_eye      0    0  1          0.750      no        000002.png",
    ]


@pytest.mark.usefixtures("run")
def test_filters_leave_what_they_name(capsys: Said) -> None:
    def found(*arguments: str) -> list[tuple[int, str]]:
        out, _ = says(capsys, "--json", *arguments)
        return [(each["annotation_id"], each["name"]) for each in json.loads(out)]

    assert found("--keypoint", "nose") == [(102, "nose"), (101, "nose")]
    assert found("--given", "1") == [(102, "left_eye"), (101, "left_eye")]
    assert found("--suggested", "2") == found("--reviewed") == []
    assert found("--suspicion", "0.6", "--given", "0") == [(102, "right_eye")]
    assert len(found("--not-reviewed")) == 8


def test_without_a_run_it_says_what_the_order_is(capsys: Said) -> None:
    out, err = says(capsys, "--top", "1")
    assert err == (
        "No model has been run on val: nothing is suspected, and the keypoints come in the order "
        "of the file.\n"
    )
    assert (
        out.splitlines()[1]
        == "       101  nose          2    2  -          -          no        000001.png"
    )


@pytest.mark.usefixtures("run")
def test_a_run_that_says_nothing_of_them_is_said_to(capsys: Said) -> None:
    ws = open_workspace()
    a_run(ws, find_dataset(ws, "val"), {102: [P]}, name="tails", names=["tail"])
    ws.close()
    assert says(capsys)[1] == (
        "tails says nothing of these keypoints: they come in the order of the file.\n"
    )
    assert says(capsys, "--run", "tiny-1")[1] == ""


@pytest.mark.usefixtures("run")
def test_the_list_edited_and_handed_in_changes_what_was_edited(
    tmp_path: Path, capsys: Said
) -> None:
    path = tmp_path / "suspects.csv"
    out, _ = says(capsys, "--out", str(path))
    assert out == f"Wrote 8 keypoints to {path}.\n"
    assert main(["relabel", "val", "--from", str(path)]) == 0
    assert capsys.readouterr().out == (
        "Changed 0 labels of val; 8 rows asked for what was there already.\n"
    )
    path.write_text(path.read_text().replace("102,nose,2,", "102,nose,1,"))
    assert main(["relabel", "val", "--from", str(path)]) == 0
    assert "Changed 1 label of val; 7 rows" in capsys.readouterr().out
    out, _ = says(capsys, "--reviewed", "--format", "csv")
    (line,) = csv.DictReader(out.splitlines())
    assert (line["annotation_id"], line["keypoint"], line["v"], line["given"]) == (
        "102",
        "nose",
        "1",
        "2",
    )


@pytest.mark.usefixtures("run")
def test_a_file_is_written_as_its_name_says_unless_told(tmp_path: Path, capsys: Said) -> None:
    says(capsys, "--out", str(tmp_path / "a.json"))
    assert len(json.loads((tmp_path / "a.json").read_text())) == 8
    says(capsys, "--out", str(tmp_path / "a.txt"))
    assert (tmp_path / "a.txt").read_text().startswith("annotation  keypoint")
    says(capsys, "--out", str(tmp_path / "b.txt"), "--format", "csv")
    assert (tmp_path / "b.txt").read_text().startswith("annotation_id,keypoint,v,")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--suggested", "1"], 1, "Without a run nothing of 'val' is suspected"),
        (["--run", "x"], 1, "There is no run 'x'"),
        (["--given", "3"], 2, "Invalid value for '--given': Input should be less"),
        (["--top", "0"], 2, "Invalid value for '--top': Input should be greater"),
        (["--format", "xml"], 2, "'xml' is not one of"),
        (["--out", "nowhere/a.csv"], 1, "There is no such folder"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    arguments: list[str], code: int, words: str, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["suspects", "val", *arguments]) == code
    assert words in capsys.readouterr().err


def test_when_nothing_fits_it_says_so(capsys: Said) -> None:
    assert says(capsys, "--reviewed")[0] == "No keypoint fits.\n"
