import csv
from pathlib import Path

import pytest

from app.workflow.browse import people_on
from app.workflow.import_dataset import import_dataset
from app.workflow.queue import Queue
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.suspect_table import COLUMNS, for_spreadsheets, suspects_csv
from app.workflow.suspects import latest_run_of, suspects_of
from app.workflow.workspace import Workspace
from core.data.review import Label, Suspect
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import a_coco, a_file, a_person, imported
from tests.app.workflow.doubts import a_run

BY_RUN = Queue(run="tiny-1")
P = (0.25, 0.5, 0.25)


def a_suspect(**fields: object) -> Suspect:
    whole = {
        "annotation_id": 102,
        "image_id": 2,
        "file_name": "000002.png",
        "keypoint": 0,
        "name": "nose",
        "given": Visibility.VISIBLE,
        "current": Visibility.VISIBLE,
        "suggested": Visibility.OCCLUDED,
        "suspicion": 0.75,
        "p": P,
        "place_px": (30.0, 9.25),
        "reviewed": False,
    }
    return Suspect(**(whole | fields))  # type: ignore[arg-type]


def test_the_most_doubtful_keypoints_come_first_with_what_the_run_says(
    ws: Workspace, tmp_path: Path
) -> None:
    dataset = imported(ws, tmp_path, images=2)  # flags 2, 1, 0, 2 of each
    a_run(ws, dataset, {102: [P] * 4})
    found = suspects_of(ws, "val", BY_RUN, top=2)
    unlabelled = Visibility.UNLABELLED
    eye = {"keypoint": 2, "name": "right_eye", "given": unlabelled, "current": unlabelled}
    assert found == [a_suspect(), a_suspect(**eye, place_px=(32.0, 9.25))]
    everything = suspects_of(ws, "val", BY_RUN, top=None)
    assert len(everything) == 8
    assert (everything[-1].annotation_id, everything[-1].suspicion, everything[-1].p) == (
        101,
        None,
        None,
    )


def test_verdicts_show_in_the_current_flag(ws: Workspace, tmp_path: Path) -> None:
    a_run(ws, imported(ws, tmp_path), {102: [P] * 4})
    table = tmp_path / "v.csv"
    table.write_text("annotation_id,keypoint,v\n102,nose,1\n")
    relabel_from_csv(ws, "val", table, annotator="Bo")
    (first, *_) = suspects_of(ws, "val", BY_RUN, top=4)
    assert first == a_suspect(current=Visibility.OCCLUDED, reviewed=True)
    still_open = suspects_of(ws, "val", Queue(run="tiny-1", reviewed=False), top=None)
    assert (len(still_open), a_suspect() in still_open) == (7, False)


def test_without_a_run_they_come_as_in_the_file(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    assert latest_run_of(ws, "val") is None
    found = suspects_of(ws, "val", Queue(), top=5)
    assert [(s.annotation_id, s.name) for s in found] == [
        (101, "nose"),
        (101, "left_eye"),
        (101, "right_eye"),
        (101, "left_ear"),
        (102, "nose"),
    ]
    assert {(s.suggested, s.suspicion, s.p, s.place_px) for s in found} == {(None,) * 4}


def test_many_are_read_in_parts(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.workflow.suspects._AT_ONCE", 3)
    a_run(ws, imported(ws, tmp_path), {101: [P] * 4, 102: [P] * 4})
    found = suspects_of(ws, "val", BY_RUN, top=7)
    assert len({(s.annotation_id, s.keypoint) for s in found}) == 7
    assert {s.p for s in found} == {P}


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        (Queue(suggested=Visibility.OCCLUDED), r"Without a run nothing of 'val' is suspected"),
        (Queue(suspicion=0.5), r"Without a run nothing of 'val' is suspected"),
        (Queue(keypoint="knie"), r"There is no keypoint 'knie' in 'val'. There are: nose, left_e"),
        (Queue(run="x"), r"There is no run 'x' of this dataset"),
    ],
)
def test_what_cannot_be_listed_is_refused(
    ws: Workspace, tmp_path: Path, queue: Queue, words: str
) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=words):
        suspects_of(ws, "val", queue, top=1)


def test_the_latest_run_is_the_one_made_last(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path)
    a_run(ws, dataset, {101: [P] * 4}, name="zebra")
    a_run(ws, dataset, {101: [P] * 4}, name="ape")
    assert latest_run_of(ws, "val") == "ape"


def test_the_table_begins_as_verdicts_do_and_ends_with_what_the_run_says() -> None:
    table = suspects_csv([a_suspect(current=Visibility.OCCLUDED, name='=a,"b"')], "tiny-1")
    header, line = csv.reader(table.splitlines())
    assert tuple(header) == COLUMNS
    assert ",".join(line) == (
        '102,=a,"b",1,,,1,,,2,1,0.7500,0.2500,0.5000,0.2500,30.00,9.25,2,000002.png,tiny-1'
    )
    unknown = dict.fromkeys(("suggested", "suspicion", "p", "place_px"))
    (_, line) = csv.reader(suspects_csv([a_suspect(**unknown)], None).splitlines())
    assert ",".join(line) == "102,nose,2,,,2,,,2,,,,,,,,2,000002.png,"


def test_a_file_for_spreadsheets_is_marked_where_letters_need_it() -> None:
    assert for_spreadsheets("nose") == b"nose"
    assert for_spreadsheets("Nasenlöcher").decode("utf-8-sig") == "Nasenlöcher"
    assert for_spreadsheets("Nasenlöcher").startswith(b"\xef\xbb\xbf")


def test_an_edited_list_feeds_back_and_changes_what_was_edited_only(
    ws: Workspace, tmp_path: Path
) -> None:
    names = ("=nose", "left, eye", "Ohr +ä", "-")
    people = [a_person(101, 1), a_person(102, 2)]
    coco = a_coco(annotations=people, names=names)
    coco["images"][0]["file_name"] = "@a,é.png"
    a_run(ws, import_dataset(ws, "val", a_file(tmp_path, coco)), {101: [P] * 4}, names=names)
    path = tmp_path / "suspects.csv"
    path.write_bytes(for_spreadsheets(suspects_csv(suspects_of(ws, "val", BY_RUN, top=None), "r")))
    assert relabel_from_csv(ws, "val", path, annotator="Bo").changed == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["keypoint"] for row in rows} == set(names)
    (edited,) = (r for r in rows if (r["annotation_id"], r["keypoint"]) == ("101", "left, eye"))
    edited["v"] = "2"
    with path.open("w", encoding="utf-8", newline="") as file:  # as a spreadsheet saves it
        lines = csv.DictWriter(file, COLUMNS)
        lines.writeheader()
        lines.writerows(rows)
    report = relabel_from_csv(ws, "val", path, annotator="Bo")
    assert (report.rows, report.changed) == (8, 1)
    now = people_on(ws, "val", 1)[0]
    assert now.current[1] == Label(11, 21, Visibility.VISIBLE)
    assert (now.revision, people_on(ws, "val", 2)[0].revision) == ((0, 1, 0, 0), (0, 0, 0, 0))
