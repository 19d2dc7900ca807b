"""What the command line answers to files and paths that cannot be meant."""

from pathlib import Path

import pytest

from app.command_line import main
from tests.app.workflow.coco_files import a_coco, a_file, a_person

Said = pytest.CaptureFixture[str]


def test_check_lists_every_problem_and_import_the_first(tmp_path: Path, capsys: Said) -> None:
    people = [a_person(number, num_keypoints=1) for number in range(1, 8)]
    people += [a_person(number) for number in range(8, 20)]
    file = a_file(tmp_path, a_coco(annotations=people))
    assert main(["check", str(file)]) == 0
    said = capsys.readouterr().out
    assert [f"Annotation {number} has num_keypoints 1" in said for number in range(1, 8)] == [
        True
    ] * 7
    assert main(["import", "val", str(file)]) == 0
    assert "  - and 2 more; `check` lists all\n" in capsys.readouterr().out


def test_a_zip_is_not_given_another_folder_of_photos(tmp_path: Path, capsys: Said) -> None:
    up = tmp_path / "up.zip"
    assert main(["import", "val", str(up), "--images", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"{up}: A zip brings its own photos. "
        "Leave --images out, or unpack the zip and import the JSON in it.\n"
    )


def test_what_the_system_refuses_is_said_in_words(tmp_path: Path, capsys: Said) -> None:
    folder = "x" * 5000
    assert main(["check", str(a_file(tmp_path)), "--images", folder]) == 1
    assert capsys.readouterr().err == (
        f"{'x' * 200}: The operating system refuses this: File name too long. "
        "Check the path and the disk.\n"
    )
