from pathlib import Path

import pytest

from app.workflow import relabel_table, verdict_table
from app.workflow.browse import history_of, people_on
from app.workflow.relabel_table import RelabelReport, relabel_from_csv
from app.workflow.workspace import Workspace
from core.data.review import Label, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from tests.app.workflow.coco_files import imported

HEAD = "annotation_id,keypoint,v,x,y,from_v,annotator,reason"


def a_table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "verdicts.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def refusal(ws: Workspace, path: Path) -> UserError:
    with pytest.raises(UserError) as refused:
        relabel_from_csv(ws, "val", path, annotator="Bo")
    assert people_on(ws, "val", 1)[0].revision == (0, 0, 0, 0)
    return refused.value


def test_every_row_becomes_a_verdict_of_one_step(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = a_table(
        tmp_path,
        "101,nose,1,,,2,Zoë,behind the bar",
        "101,right_eye,2,12.5,22,0,,",
        "102,left_ear,0,,,,,",
        "102,nose,2,,,,,",
    )
    report = relabel_from_csv(ws, "val", path, annotator="Bo")
    assert report == RelabelReport("val", rows=4, changed=3, equal=1)
    person = people_on(ws, "val", 1)[0]
    assert person.current[0] == Label(10, 20, Visibility.OCCLUDED)
    assert person.current[2] == Label(12.5, 22, Visibility.VISIBLE)
    assert people_on(ws, "val", 2)[0].current[3] == Label(13, 23, Visibility.UNLABELLED)
    (nose,), (eye,) = history_of(ws, "val", 101, 0), history_of(ws, "val", 101, 2)
    assert (nose.annotator, nose.reason, nose.kind) == ("Zoë", "behind the bar", VerdictKind.SET)
    assert eye.annotator == "Bo"
    assert nose.step == eye.step


def test_the_same_table_again_changes_nothing(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = a_table(tmp_path, "101,nose,1,,,,,")
    relabel_from_csv(ws, "val", path, annotator="Bo")
    again = relabel_from_csv(ws, "val", path, annotator="Bo")
    assert (again.changed, again.equal) == (0, 1)


def test_columns_may_come_in_any_order_with_others_between(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = a_table(tmp_path, "0.9,nose,1,101", head="\ufeffsuspicion,keypoint,v,annotation_id")
    assert relabel_from_csv(ws, "val", path, annotator="Bo").changed == 1


def test_every_problem_is_listed_by_row_and_no_row_is_taken(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = a_table(
        tmp_path,
        "101,nose,1,,,,,",
        "101,left_eye,3,,,,,",
        "101,elbow,1,,,,,",
        "999,nose,1,,,,,",
        "101,right_eye,1,,,,,",
        "101,left_ear,1,4,,,,",
        "101,nose,0,,,,,",
        "102,nose,1,,,1,,",
        "x,,1,nan,2,7,,",
        "102,left_eye,2,9999,2,,,",
        f"102,left_ear,1,,,,{'n' * 101},",
        f"102,right_eye,0,,,,,{'r' * 2001}",
        "102,left_eye,1,,,,,,more",
    )
    refused = refusal(ws, path)
    assert refused.what == "15 problems; none of the rows was taken."
    assert refused.where == str(path)
    assert [problem[:80] for problem in refused.problems] == [
        "row 3: v is '3'; it must be 0, 1 or 2.",
        "row 4: annotation 101 has no keypoint called 'elbow'.",
        "row 5: there is no annotation 999 in val.",
        "row 6: annotation 101, right_eye: a keypoint with v = 1 needs a place, and it ha",
        "row 7: x, y is '4', ''; both must be numbers, or both empty.",
        "row 8: annotation 101, nose stands in row 2 already.",
        "row 9: from_v is 1, but the flag of annotation 102, nose is 2 now.",
        "row 10: annotation_id 'x' is no id.",
        "row 10: the keypoint's name is missing.",
        "row 10: from_v is '7'; it must be 0, 1, 2 or empty.",
        "row 10: x, y is 'nan', '2'; both must be finite numbers.",
        "row 11: annotation 102, left_eye: x = 9999 is far outside the photo of 64 pixels",
        "row 12: The annotator name has 101 characters. An annotator name has 1 to 100 visible"[
            :80
        ],
        "row 13: the reason has more than 2000 letters.",
        "row 14: it has more cells than the header.",
    ]


def test_a_missing_column_is_named(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    refused = refusal(ws, a_table(tmp_path, head="annotation_id,name"))
    assert refused.what == "The table has no column keypoint, v."
    assert "annotation_id, keypoint, v, x, y, from_v, annotator, reason" in refused.remedy


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "The table is empty."),
        ("\n\n", "The table is empty."),
        (
            "annotation_id;keypoint;v\n101;nose;1\n",
            "The columns are parted by semicolons; they must be parted by commas.",
        ),
        (
            "annotation_id\tkeypoint\tv\n",
            "The columns are parted by tabs; they must be parted by commas.",
        ),
        (
            "annotation_id,keypoint,v,v\n101,nose,1,0\n",
            "The table has the column v more than once.",
        ),
    ],
)
def test_a_header_that_cannot_be_meant_is_refused(
    ws: Workspace, tmp_path: Path, text: str, what: str
) -> None:
    imported(ws, tmp_path)
    path = tmp_path / "verdicts.csv"
    path.write_text(text)
    assert refusal(ws, path).what == what


def test_spaces_around_names_and_blank_rows_do_not_matter(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = tmp_path / "verdicts.csv"
    path.write_text("annotation_id, keypoint, v\n,,\n\n101, nose, 1\n")
    assert relabel_from_csv(ws, "val", path, annotator="Bo").changed == 1


@pytest.mark.parametrize("written", ["1_01", "+101", "١٠١", "101.0", "9" * 19, "9" * 5000])
def test_an_id_is_written_as_ids_are(ws: Workspace, tmp_path: Path, written: str) -> None:
    imported(ws, tmp_path)
    refused = refusal(ws, a_table(tmp_path, f"{written},nose,1,,,,,"))
    assert refused.problems == (f"row 2: annotation_id {written[:50]!r} is no id.",)


def test_rows_are_counted_as_spreadsheets_do(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    path = a_table(tmp_path, '101,nose,1,,,,,"two\nlines"', "101,left_eye,3,,,,,", "101,nose,1_0")
    assert refusal(ws, path).problems == (
        "row 3: v is '3'; it must be 0, 1 or 2.",
        "row 4: v is '1_0'; it must be 0, 1 or 2.",
    )
    path.write_text(f'{HEAD}\n101,nose,1,1_0,2,,,\n101,"left_eye,1,,,,,\n')
    assert refusal(ws, path).problems == (
        "row 2: x, y is '1_0', '2'; both must be numbers, or both empty.",
        "row 3: this is no CSV (unexpected end of data).",
    )


def test_files_that_are_no_tables_are_refused(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path)
    path = tmp_path / "verdicts.csv"
    assert refusal(ws, path).what == "The table cannot be read: No such file or directory."
    path.write_bytes(b"annotation_id,keypoint,v\n1,\xff,1\n")
    assert refusal(ws, path).what == "The table is not UTF-8 text."
    path.write_text(f'{HEAD}\n1,"nose,1\n')
    assert "this is no CSV" in refusal(ws, path).problems[0]
    monkeypatch.setattr(verdict_table, "MOST_BYTES", 3)
    assert refusal(ws, path).what == "The table is larger than 0 MB."


def test_many_problems_are_counted_beyond_the_first_thousand(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    refused = refusal(ws, a_table(tmp_path, *["x,nose,1,,,,,"] * 1001))
    assert refused.what == "1001 problems; none of the rows was taken."
    assert refused.problems[-1] == "and 1 more."


def test_a_table_that_would_make_others_wait_is_refused(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path)
    monkeypatch.setattr(relabel_table, "MOST_EDITS", 1)
    refused = refusal(ws, a_table(tmp_path, "101,nose,1,,,,,", "101,left_ear,1,,,,,"))
    assert refused.what == "The table changes 2 labels; 1 at once is the most."
    assert refused.remedy == "Hand it in in parts."


def test_a_label_changed_while_the_table_is_read_refuses_every_row(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    read = relabel_table._context

    def read_then_somebody_else_decides(*arguments: object) -> object:
        context = read(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        relabel_from_csv(ws, "val", a_table(other, "102,nose,1,,,,,"), annotator="Zoë")
        return context

    monkeypatch.setattr(relabel_table, "_context", read_then_somebody_else_decides)
    path = a_table(tmp_path, "101,nose,0,,,,Bo,", "102,nose,0,,,,,")
    refused = refusal(ws, path)
    assert refused.what == "1 label was changed by somebody else meanwhile; no row was taken."
    assert refused.problems == ("annotation 102, keypoint 0: v = 1 by Zoë now",)
