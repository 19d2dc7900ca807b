import json
from pathlib import Path

import pytest

from app.workflow import newer_version
from app.workflow.browse import history_of, people_on
from app.workflow.datasets import list_datasets
from app.workflow.newer_version import import_newer_version
from app.workflow.workspace import Workspace
from core.data.visibility import Visibility
from core.errors import Cancelled, UserError
from tests.app.workflow.coco_files import NAMES, a_coco, a_file, a_person, imported, some_photos
from tests.app.workflow.snapshots import a_snapshot, an_edit, saved

PEOPLE = [a_person(n, 1 + n % 2) for n in range(101, 106)]


def judge(ws: Workspace, annotation_id: int, keypoint: int = 0, v: int = 1) -> None:
    step = f"s-{annotation_id}-{keypoint}-{v}"
    snapshot = a_snapshot(an_edit(keypoint, v=v), item=annotation_id, step=step)
    saved(ws, snapshot, annotator="Zoë")


def test_verdicts_on_unchanged_labels_are_carried_over_with_who_and_when(
    ws: Workspace, tmp_path: Path
) -> None:
    old = imported(ws, tmp_path, annotations=PEOPLE)
    judge(ws, 101)
    undo = an_edit(0, v=2, base_revision=1, kind="undo")
    saved(ws, a_snapshot(undo, step="u", undoes="s-101-0-1"), annotator="Bo")
    blind = a_snapshot(an_edit(1, v=2), step="b")
    saved(ws, blind, annotator="Bo", label_set="Bo")
    before = history_of(ws, "val", 101, 0)
    newer = a_file(tmp_path, a_coco(images=3, annotations=PEOPLE), name="newer.json")
    report = import_newer_version(ws, "val", newer)
    assert (report.carried, report.dropped, report.runs_dropped) == (3, (), ())
    assert report.dataset.num_images == 3
    assert report.dataset.id != old.id
    assert list_datasets(ws) == [report.dataset]
    assert history_of(ws, "val", 101, 0) == before
    assert len(history_of(ws, "val", 101, 1, label_set="Bo")) == 1
    assert [p.name for p in ws.sources_dir.iterdir()] == [Path(report.dataset.source_file).name]


def test_keypoints_are_followed_by_name(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, annotations=PEOPLE)
    judge(ws, 101, keypoint=3, v=1)
    content = a_coco(names=NAMES[::-1], annotations=PEOPLE)
    for person in content["annotations"]:
        k = person["keypoints"]
        person["keypoints"] = k[9:12] + k[6:9] + k[3:6] + k[0:3]
    import_newer_version(ws, "val", a_file(tmp_path, content, name="newer.json"))
    assert people_on(ws, "val", 2)[0].current[0].visibility is Visibility.OCCLUDED


def test_what_cannot_be_carried_over_is_listed_with_why(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, annotations=PEOPLE)
    for annotation_id in range(101, 106):
        judge(ws, annotation_id)
    judge(ws, 105, keypoint=3, v=0)
    newer = json.loads(json.dumps(PEOPLE))[1:]
    newer[0]["image_id"] = 2
    newer[1]["keypoints"][0] = 99
    content = a_coco(annotations=newer)
    content["categories"].append({"id": 2, "name": "head", "keypoints": ["top"], "skeleton": []})
    newer[2] |= {"category_id": 2, "keypoints": [1, 1, 2], "num_keypoints": 1}
    report = import_newer_version(ws, "val", a_file(tmp_path, content, name="newer.json"))
    assert report.carried == 2
    assert report.dropped == (
        "annotation 101, nose: the annotation is gone",
        "annotation 102, nose: the annotation is on another image",
        "annotation 103, nose: the label itself was changed",
        "annotation 104, nose: the keypoint is gone",
    )


def test_verdicts_that_arrive_meanwhile_are_carried_over_too(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path, annotations=PEOPLE)
    judge(ws, 101)
    copy = newer_version.replacing.copy_verdicts
    late = iter([102, 103])

    def copy_and_judge(*arguments: object, **options: object) -> None:
        copy(*arguments, **options)  # type: ignore[arg-type]
        annotation_id = next(late, None)
        if annotation_id is not None:
            judge(ws, annotation_id)

    monkeypatch.setattr(newer_version.replacing, "copy_verdicts", copy_and_judge)
    newer = a_file(tmp_path, a_coco(annotations=PEOPLE), name="newer.json")
    assert import_newer_version(ws, "val", newer).carried == 3
    assert [len(history_of(ws, "val", n, 0)) for n in (101, 102, 103)] == [1, 1, 1]


def test_photos_stay_where_they_were_unless_said(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    photos = some_photos(tmp_path / "a" / "images")
    imported(ws, tmp_path / "a")
    newer = a_file(tmp_path, name="newer.json")
    assert import_newer_version(ws, "val", newer).dataset.images_dir == photos
    other = some_photos(tmp_path / "other")
    report = import_newer_version(ws, "val", newer, images_dir=other)
    assert report.dataset.images_dir == other


def test_a_bad_or_cancelled_newer_version_changes_nothing(ws: Workspace, tmp_path: Path) -> None:
    old = imported(ws, tmp_path)
    judge(ws, 101)
    bad = a_file(tmp_path, a_coco(annotations=[a_person(v=(7, 0, 0, 0))]), name="bad.json")
    with pytest.raises(UserError, match="1 error; nothing was imported"):
        import_newer_version(ws, "val", bad)
    with pytest.raises(Cancelled):
        import_newer_version(ws, "val", a_file(tmp_path, name="n.json"), cancelled=lambda: True)
    with pytest.raises(UserError, match="There is no dataset 'train'"):
        import_newer_version(ws, "train", bad)
    assert list_datasets(ws) == [old]
    assert len(history_of(ws, "val", 101, 0)) == 1
    assert len(list(ws.sources_dir.iterdir())) == 1
