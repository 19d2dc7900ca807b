import errno
import gzip
import json
import sqlite3
import struct
import zlib
from pathlib import Path

import pytest
from sqlalchemy import event, text

from app.workflow import import_dataset as importing
from app.workflow.datasets import delete_dataset, find_dataset, list_datasets
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.errors import Cancelled, UserError
from tests.app.workflow.coco_files import a_coco, a_file, a_person, imported, some_photos


def traces(ws: Workspace) -> dict[str, object]:
    """Everything an import could leave behind."""
    with ws.engine.connect() as connection:
        rows = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            for table in ("dataset", "category", "image", "annotation")
        }
    folders = (ws.sources_dir, ws.uploads_dir, ws.locks_dir)
    files = [p.name for folder in folders if folder.is_dir() for p in folder.iterdir()]
    return rows | {"files": files}


NOTHING = {"dataset": 0, "category": 0, "image": 0, "annotation": 0, "files": []}


def test_a_file_is_imported_with_a_copy_as_it_came(ws: Workspace, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    dataset = import_dataset(ws, "val", file)
    assert (dataset.name, dataset.num_images, dataset.num_annotations) == ("val", 2, 2)
    assert (ws.data_dir / dataset.source_file).read_bytes() == file.read_bytes()
    assert dataset.source_file == f"sources/{dataset.source_sha256}.json"
    assert dataset.source_name == str(file)
    assert dataset.images_dir is None
    assert list_datasets(ws) == [dataset]
    assert list(ws.locks_dir.iterdir()) == []


def test_a_compressed_file_stays_compressed(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "val.json.gz"
    file.write_bytes(gzip.compress(json.dumps(a_coco()).encode()))
    dataset = import_dataset(ws, "val", file)
    assert dataset.source_file.endswith(".json.gz")
    assert (ws.data_dir / dataset.source_file).read_bytes() == file.read_bytes()


def test_two_datasets_of_one_file_share_its_copy_until_the_last_goes(
    ws: Workspace, tmp_path: Path
) -> None:
    first = imported(ws, tmp_path, name="a")
    second = import_dataset(ws, "b", tmp_path / "a.json")
    assert first.source_file == second.source_file
    delete_dataset(ws, "a")
    assert (ws.data_dir / second.source_file).is_file()
    delete_dataset(ws, "b")
    assert traces(ws) == NOTHING


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (".", "set.json"),
        ("images", "set.json"),
        ("val2017", "person_keypoints_val2017.json"),
        ("../val2017", "person_keypoints_val2017.json"),
        ("../images/val2017", "person_keypoints_val2017.json"),
    ],
)
def test_photos_are_found_beside_the_file(
    ws: Workspace, tmp_path: Path, place: str, name: str
) -> None:
    (tmp_path / "annotations").mkdir()
    photos = some_photos((tmp_path / "annotations" / place).resolve())
    dataset = import_dataset(ws, "val", a_file(tmp_path / "annotations", name=name))
    assert dataset.images_dir == photos
    assert dataset.remarks == ()


def test_a_folder_without_the_first_photo_is_not_taken(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "other.png").write_bytes(b"")
    assert import_dataset(ws, "val", a_file(tmp_path)).images_dir is None


def test_a_folder_of_photos_that_is_not_there_is_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no such photo folder"):
        import_dataset(ws, "val", a_file(tmp_path), images_dir=tmp_path / "none")
    assert traces(ws) == NOTHING


def test_odd_photos_and_names_are_remarks(ws: Workspace, tmp_path: Path) -> None:
    content = a_coco(images=4)
    names = ["text.png", "huge.png", "../../etc/passwd", "000004.png"]
    for image, name in zip(content["images"], names, strict=True):
        image["file_name"] = name
    some_photos(tmp_path / "photos", images=4)
    (tmp_path / "photos" / "text.png").write_text("no photo")
    header = struct.pack(">4sIIBBBBB", b"IHDR", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    pixels = struct.pack(">I4s", 8, b"IDAT") + bytes(12)
    (tmp_path / "photos" / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + pixels)
    file = a_file(tmp_path, content)
    dataset = import_dataset(ws, "val", file, images_dir=tmp_path / "photos")
    said = " ".join(words for remark in dataset.remarks for words in remark.examples)
    for words in ("text.png", "89 million pixels", "../../etc/passwd"):
        assert words in said
    assert sum(remark.count for remark in dataset.remarks) == 3


def test_a_bad_file_is_refused_with_every_problem_and_changes_nothing(
    ws: Workspace, tmp_path: Path
) -> None:
    people = [
        a_person(1, keypoints=[1, 2]),
        a_person(2, v=(2, 2, 2, 7)),
        a_person(2, image_id=99),
    ]
    file = a_file(tmp_path, a_coco(annotations=people))
    with pytest.raises(UserError) as refused:
        import_dataset(ws, "val", file)
    assert refused.value.where == str(file)
    assert refused.value.what == "4 errors; nothing was imported."
    said = " ".join(refused.value.problems)
    for words in ("Annotation 1 has 2 keypoint values", "v = 7", "99", "2"):
        assert words in said
    assert traces(ws) == NOTHING


def test_of_very_many_errors_the_first_are_listed(ws: Workspace, tmp_path: Path) -> None:
    people = [a_person(number, v=(7, 2, 2, 2)) for number in range(1, 251)]
    with pytest.raises(UserError) as refused:
        import_dataset(ws, "val", a_file(tmp_path, a_coco(annotations=people)))
    assert refused.value.what == "250 errors; nothing was imported."
    assert len(refused.value.problems) == 201
    assert refused.value.problems[-1] == "and 50 more; `check` lists all."


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'{"images": [', "JSON"), (b"[]", "object"), (b"", "empty"), (b"\xff\xfe", "UTF-8")],
)
def test_a_file_that_is_no_coco_is_refused_by_its_own_name(
    ws: Workspace, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(content)
    with pytest.raises(UserError, match=words) as refused:
        import_dataset(ws, "val", file)
    assert str(file) in str(refused.value)
    assert ".halfseen" not in str(refused.value)
    assert str(ws.data_dir) not in str(refused.value)
    assert traces(ws) == NOTHING


def test_a_missing_file_and_a_folder_are_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no such file"):
        import_dataset(ws, "val", tmp_path / "none.json")
    with pytest.raises(UserError, match="This is a folder, not a file"):
        import_dataset(ws, "val", tmp_path)
    assert traces(ws) == NOTHING


def test_a_name_in_gz_without_gzip_is_refused(ws: Workspace, tmp_path: Path) -> None:
    a_file(tmp_path).rename(tmp_path / "val.json.gz")
    with pytest.raises(UserError, match=r"not gzip although its name ends in \.gz"):
        import_dataset(ws, "val", tmp_path / "val.json.gz")
    assert traces(ws) == NOTHING


def test_a_taken_name_is_refused_before_anything_is_read(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match='There is a dataset "val" already'):
        import_dataset(ws, "val", tmp_path / "none.json")


def test_a_name_taken_meanwhile_is_refused_and_nothing_stays(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = imported(ws, tmp_path)
    monkeypatch.setattr(importing, "require_free", lambda *_: None)
    with pytest.raises(UserError, match="There is already a dataset"):
        import_dataset(ws, "val", a_file(tmp_path, a_coco(images=3), name="other.json"))
    assert list_datasets(ws) == [first]
    assert [p.name for p in ws.sources_dir.iterdir()] == [Path(first.source_file).name]


@pytest.mark.parametrize("looks", [0, 1, 2, 5])
def test_a_cancelled_import_leaves_nothing(ws: Workspace, tmp_path: Path, looks: int) -> None:
    asked = iter([False] * looks)
    file = a_file(tmp_path, a_coco(images=2000))
    with pytest.raises(Cancelled):
        import_dataset(ws, "val", file, cancelled=lambda: next(asked, True))
    assert traces(ws) == NOTHING


def test_progress_rises_to_one(ws: Workspace, tmp_path: Path) -> None:
    seen: list[float] = []
    import_dataset(ws, "val", a_file(tmp_path, a_coco(images=500)), on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 3


def test_a_full_disk_while_copying_is_said_and_leaves_nothing(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(tmp_path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.workflow.sources.os.fsync", full)
    with pytest.raises(UserError, match="The disk is full"):
        import_dataset(ws, "val", file)
    monkeypatch.undo()
    assert list(ws.sources_dir.iterdir()) == []


def test_a_full_disk_in_the_database_is_said_and_leaves_nothing(
    ws: Workspace, tmp_path: Path
) -> None:
    file = a_file(tmp_path, a_coco(images=5000))
    with sqlite3.connect(ws.engine.url.database or "") as plain:
        pages = plain.execute("PRAGMA page_count").fetchone()[0]

    def few_pages(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 50}")

    ws.engine.dispose()
    event.listen(ws.engine, "connect", few_pages)
    with pytest.raises(UserError, match=r"(?i)the disk is full"):
        import_dataset(ws, "val", file)
    event.remove(ws.engine, "connect", few_pages)
    ws.engine.dispose()
    assert traces(ws) == NOTHING


def test_the_known_names_are_told_where_one_is_wrong(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no dataset 'vla'\. Known: 'val'"):
        find_dataset(ws, "vla")
