"""The command line as people and scripts meet it: words, codes, JSON."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from app import command_line
from app.command_line import main
from app.workflow.workspace import open_workspace
from tests.app.workflow.coco_files import a_coco, a_file, a_person, some_photos
from tests.app.workflow.test_relabel_table import a_table

Said = pytest.CaptureFixture[str]
VERBS = (
    "db upgrade", "sample", "check", "import", "datasets", "delete", "rename", "move-photos",
    "update", "runs", "predict", "predict-photo", "train", "models", "suspects", "relabel",
    "export", "backup", "jobs", "jobs cancel", "jobs resume", "jobs forget", "serve", "worker",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def val(tmp_path: Path, capsys: Said) -> Path:
    """The file of an imported dataset `val`."""
    file = a_file(tmp_path)
    assert main(["import", "val", str(file)]) == 0
    capsys.readouterr()
    return file


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, capsys: Said) -> None:
    assert main([*verb.split(), "--help"]) == 0
    assert "Example: " in capsys.readouterr().out.replace("│", "")


def test_help_lists_every_verb_and_no_inner_option(capsys: Said) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert [verb for verb in VERBS if f" {verb.split()[0]} " not in said] == []
    assert "--progress-file" not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["import", "val"], "Missing argument 'FILE'"),
        (["export", "val", "out.json", "--lables", "x"], "No such option: --lables"),
        (["relabel", "val"], "Missing option '--from'"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(
    arguments: list[str], words: str, capsys: Said
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_refusal_exits_1_with_words_on_stderr_only(capsys: Said) -> None:
    assert main(["export", "nope", "out.json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "There is no dataset 'nope'. No dataset has been imported yet.\n"


def test_what_is_unexpected_is_one_sentence_and_a_log(
    own_data_dir: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.commands.datasets.datasets.list_datasets", lambda ws: 1 // 0)
    assert main(["datasets"]) == 1
    log = own_data_dir / "errors.log"
    assert capsys.readouterr().err == (
        f"Something unexpected went wrong in the program itself; please report it with {log}.\n"
    )
    assert "ZeroDivisionError" in log.read_text()


def test_where_not_even_a_log_can_be_written_there_is_still_a_sentence(
    own_data_dir: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_data_dir.mkdir()
    (own_data_dir / "errors.log").mkdir()
    monkeypatch.setattr("app.commands.datasets.datasets.list_datasets", lambda ws: 1 // 0)
    assert main(["datasets"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_ctrl_c_is_answered_in_words(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.datasets.datasets.list_datasets", interrupted)
    assert main(["datasets"]) == command_line.INTERRUPTED
    assert capsys.readouterr().err == "Stopped; nothing was changed.\n"


def test_settings_that_cannot_be_are_refused_in_words(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert main(["datasets"]) == 1
    said = capsys.readouterr().err
    assert "PORT" in said
    assert "Traceback" not in said


def test_db_upgrade_makes_the_database_and_may_be_repeated(
    own_data_dir: Path, capsys: Said
) -> None:
    for _ in range(2):
        assert main(["db", "upgrade"]) == 0
        assert "The database is up to date" in capsys.readouterr().out
    assert (own_data_dir / "halfseen.db").is_file()


def test_check_lists_problems_and_exits_1_where_there_are_errors(
    tmp_path: Path, own_data_dir: Path, capsys: Said
) -> None:
    good = a_file(tmp_path)
    bad = a_file(tmp_path, a_coco(annotations=[a_person(v=(7, 1, 1, 1))]), name="bad.json")
    assert main(["check", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: no problems found.\n"
    assert main(["check", str(bad)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{bad}: 1 error, 0 remarks.\n")
    assert "v = 7" in said
    assert main(["check", str(bad), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["severity"], finding["annotation_id"]) == ("error", 1)
    assert not own_data_dir.exists()


def test_check_looks_at_photos_when_told_where_they_are(tmp_path: Path, capsys: Said) -> None:
    photos = some_photos(tmp_path / "photos", images=1)
    assert main(["check", str(a_file(tmp_path)), "--images", str(photos)]) == 0
    assert "0 errors, 1 remark" in capsys.readouterr().out


def test_import_says_what_came_in_and_what_was_remarked(tmp_path: Path, capsys: Said) -> None:
    some_photos(tmp_path)
    people = [a_person(1), a_person(2, num_keypoints=1)]
    assert main(["import", "val", str(a_file(tmp_path, a_coco(annotations=people)))]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        f"Imported val: 2 images, 2 annotations.\nPhotos were found in {tmp_path}.\nremark: "
    )


def test_import_takes_a_zip(tmp_path: Path, capsys: Said) -> None:
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as archive:
        archive.writestr("val.json", json.dumps(a_coco()))
    assert main(["import", "val", str(tmp_path / "up.zip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["source_name"] == "up.zip/val.json"


def test_datasets_lists_in_words_and_as_json(val: Path, capsys: Said) -> None:
    assert main(["datasets"]) == 0
    assert capsys.readouterr().out == (
        "name  images  annotations  photos\nval        2            2  -\n"
    )
    assert main(["datasets", "--json"]) == 0
    (dataset,) = json.loads(capsys.readouterr().out)
    assert (dataset["name"], dataset["num_annotations"], dataset["images_dir"]) == ("val", 2, None)


def test_no_datasets_is_said(capsys: Said) -> None:
    assert main(["datasets"]) == 0
    assert capsys.readouterr().out == "No dataset has been imported yet.\n"


def test_delete_asks_and_does_nothing_without_a_yes(
    val: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["delete", "val"]) == 1
    assert capsys.readouterr().err == "Nobody is there to ask; nothing was deleted. Add --yes.\n"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert main(["delete", "val"]) == 1
    assert capsys.readouterr().err == "Nothing was deleted.\n"
    assert main(["delete", "val", "--yes"]) == 0
    assert capsys.readouterr().out == "Deleted val.\n"
    assert main(["delete", "val", "--yes"]) == 1


def test_rename_and_move_photos(val: Path, tmp_path: Path, capsys: Said) -> None:
    photos = some_photos(tmp_path / "photos")
    assert main(["rename", "val", "Größe"]) == 0
    assert main(["move-photos", "Größe", str(photos)]) == 0
    assert capsys.readouterr().out == (
        f"val is called Größe now.\nThe photos of Größe are in {photos} now.\n"
    )
    assert main(["move-photos", "Größe", str(tmp_path / "none")]) == 1
    assert main(["rename", "Größe", ""]) == 1


def test_relabel_and_export_tell_what_changed(val: Path, tmp_path: Path, capsys: Said) -> None:
    table = a_table(tmp_path, "101,nose,1,,,2,,", "102,nose,2,,,,,")
    assert main(["relabel", "val", "--from", str(table), "--annotator", "Zoë"]) == 0
    assert capsys.readouterr().out == (
        "Changed 1 label of val; 1 row asked for what was there already.\n"
    )
    out = tmp_path / "out.json"
    assert main(["export", "val", str(out)]) == 0
    assert capsys.readouterr().out == (
        f"Wrote {out}: 1 label of 1 person changed, 0 of them moved.\n"
        "Checked: read again, 1 number differs from the imported file, everything else is equal.\n"
        "keypoint  flag    labels\nnose      2 -> 1       1\n"
    )
    assert main(["export", "val", str(out), "--labels", "original"]) == 0
    assert capsys.readouterr().out == (
        f"Wrote {out}: the imported file, nothing changed.\n"
        "Checked: read again, equal to the imported file byte for byte.\n"
    )
    assert out.read_bytes() == val.read_bytes()


def test_export_tells_machines_what_it_wrote(val: Path, tmp_path: Path, capsys: Said) -> None:
    table = a_table(tmp_path, "101,nose,1,,,2,,")
    assert main(["relabel", "val", "--from", str(table), "--annotator", "Zoë"]) == 0
    capsys.readouterr()
    out, report = tmp_path / "out.json", tmp_path / "report.json"
    assert main(["export", "val", str(out), "--report", str(report), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    told = json.loads(report.read_text())
    assert said == {
        "dataset": "val",
        "labels": "current",
        "num_labels": 1,
        "num_moved": 0,
        "annotation_ids": [101],
        "changes": [{"keypoint": "nose", "before": 2, "after": 1, "count": 1}],
        "out": str(out),
        "num_bytes": out.stat().st_size,
        "sha256": told["result"]["sha256"],
        "unchanged": False,
        "num_numbers": 1,
        "checked": told["checked"],
    }


def test_relabel_needs_to_know_who(
    val: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise OSError("no login name")

    monkeypatch.setattr("getpass.getuser", nobody)
    table = a_table(tmp_path, "101,nose,1,,,,,")
    assert main(["relabel", "val", "--from", str(table)]) == 1
    assert "Say --annotator NAME or set HALFSEEN_ANNOTATOR." in capsys.readouterr().err
    monkeypatch.setenv("HALFSEEN_ANNOTATOR", "Bo")
    assert main(["relabel", "val", "--from", str(table)]) == 0


def test_update_says_what_was_carried_over(val: Path, tmp_path: Path, capsys: Said) -> None:
    table = a_table(tmp_path, "101,nose,1,,,,,", "102,nose,1,,,,,")
    main(["relabel", "val", "--from", str(table), "--annotator", "Zoë"])
    newer = a_file(
        tmp_path, a_coco(annotations=[a_person(101, 1), a_person(103, 2)]), name="newer.json"
    )
    capsys.readouterr()
    assert main(["update", "val", str(newer)]) == 0
    assert capsys.readouterr().out == (
        "val is the newer version now: 2 annotations. 1 verdict carried over, "
        "not carried over: those of 1 keypoint.\n  - annotation 102, nose: the annotation is gone\n"
    )


def test_backup_writes_a_zip(val: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(["backup", str(tmp_path / "b.zip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["num_files"] == 2


def test_runs_and_models_say_where_there_are_none(val: Path, capsys: Said) -> None:
    assert main(["runs", "val"]) == 0
    assert capsys.readouterr().out == "No model has been run on val yet; `predict` does.\n"
    assert main(["models", "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), list)


def test_serve_serves_with_the_settings(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "app.commands.serving.serving.run", lambda settings, *, say: say(f"at {settings.port}")
    )
    assert main(["serve"]) == 0
    assert "at 8501" in capsys.readouterr().out


def test_output_to_a_reader_who_left_is_no_error(val: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    child = subprocess.run(
        [sys.executable, "-m", "app", "datasets"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert child.stderr == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_asked_to_stop_clears_up_and_says_so(
    tmp_path: Path, own_data_dir: Path, number: signal.Signals
) -> None:
    file = a_file(tmp_path, a_coco(images=60_000))
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "import", "val", str(file)], stderr=subprocess.PIPE
    )
    while not list(own_data_dir.glob("sources/*.json")):
        time.sleep(0.01)
    child.send_signal(number)
    assert child.communicate()[1] == b"Stopped; nothing was changed.\n"
    assert child.returncode == command_line.INTERRUPTED
    assert list(own_data_dir.glob("sources/*")) == []
    assert main(["datasets", "--json"]) == 0


def test_without_a_terminal_there_is_no_progress_bar(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "app", "import", "val", str(a_file(tmp_path))],
        capture_output=True,
        check=True,
    )
    assert child.stderr == b""


def test_the_command_line_reaches_no_torch() -> None:
    program = "import sys, app.command_line; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_workspace_is_made_by_the_first_verb(own_data_dir: Path) -> None:
    assert main(["datasets"]) == 0
    assert open_workspace().data_dir == own_data_dir
