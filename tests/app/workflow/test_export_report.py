"""The report of an export: which files, and every label that differs between them."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from app.workflow.export import export_bytes, export_dataset, export_report
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.workspace import Workspace
from tests.app.workflow.coco_files import imported
from tests.app.workflow.test_relabel_table import a_table


def test_the_report_says_all_there_is_to_say(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path)
    table = a_table(tmp_path, "101,nose,1,,,,,", "101,left_ear,0,,,,Zoë,gone", "102,nose,2,9,8,,,")
    began = datetime.now(UTC)
    relabel_from_csv(ws, "val", table, annotator="Bo")
    out = tmp_path / "out.json"
    export_dataset(ws, "val", out, report=tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    times = [told.pop("made_at"), *(change.pop("at") for change in told["changes"])]
    assert all(time.endswith("Z") for time in times)
    assert all(0 <= (datetime.fromisoformat(t) - began).total_seconds() + 1 < 60 for t in times)
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    where = {"annotation_id": 101, "image_id": 1, "file_name": "000001.png"}
    nose = {"before": {"x": 10, "y": 20, "v": 2}, "kind": "set"}
    assert told == {
        "dataset": "val",
        "labels": "current",
        "source": {"file": "val.json", "sha256": dataset.source_sha256},
        "result": {"file": str(out), "sha256": sha256, "num_bytes": out.stat().st_size},
        "unchanged": False,
        "checked": "read again, 7 numbers differ from the imported file, everything else is equal",
        "num_persons": 2,
        "num_labels": 3,
        "num_moved": 1,
        "num_numbers": 7,
        "counts": [
            {"keypoint": "nose", "before": 2, "after": 1, "count": 1},
            {"keypoint": "nose", "before": 2, "after": 2, "count": 1},
            {"keypoint": "left_ear", "before": 2, "after": 0, "count": 1},
        ],
        "changes": [
            where | nose | {"keypoint": "nose", "after": {"x": 10, "y": 20, "v": 1}}
            | {"annotator": "Bo", "reason": ""},
            where
            | {"keypoint": "left_ear", "kind": "set", "annotator": "Zoë", "reason": "gone"}
            | {"before": {"x": 13, "y": 23, "v": 2}, "after": {"x": 13, "y": 23, "v": 0}},
            {"annotation_id": 102, "image_id": 2, "file_name": "000002.png"}
            | nose | {"keypoint": "nose", "after": {"x": 9, "y": 8, "v": 2}}
            | {"annotator": "Bo", "reason": ""},
        ],
        "num_keypoints": [{"annotation_id": 101, "before": 3, "after": 2}],
    }  # fmt: skip


def test_the_report_of_a_download_is_about_the_bytes_that_are_sent(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    content, _ = export_bytes(ws, "val")
    told = json.loads(export_report(ws, "val", "val.json"))
    assert told["result"] == {
        "file": "val.json",
        "sha256": hashlib.sha256(content).hexdigest(),
        "num_bytes": len(content),
    }
    assert told["checked"] == (
        "compared, 1 number differs from the imported file, everything else is equal"
    )
    assert json.loads(export_report(ws, "val", "val.json", labels="original"))["checked"] == (
        "compared, equal to the imported file byte for byte"
    )


def test_without_its_checks_the_report_claims_none(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    relabel_from_csv(ws, "val", a_table(tmp_path, "101,nose,1,,,,,"), annotator="Bo")
    report = tmp_path / "report.json"
    export_dataset(ws, "val", tmp_path / "out.json", report=report, verify=False)
    told = json.loads(report.read_text())
    assert (told["checked"], told["num_numbers"], told["num_keypoints"]) == (
        "not compared",
        None,
        None,
    )
