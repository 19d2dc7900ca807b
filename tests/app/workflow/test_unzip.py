import json
import stat
import zipfile
from pathlib import Path

import pytest

from app.workflow import unzip
from app.workflow.claims import sweep
from app.workflow.datasets import delete_dataset, list_datasets, move_photos
from app.workflow.import_dataset import import_dataset, import_zip
from app.workflow.workspace import Workspace
from core.errors import Cancelled, UserError
from tests.app.workflow.coco_files import a_coco, a_file, some_photos
from tests.app.workflow.test_import_dataset import NOTHING, traces

JSON = json.dumps(a_coco()).encode()


def a_zip(folder: Path, entries: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "up.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return path


def with_photos(folder: Path, inside: str = "") -> dict[str | zipfile.ZipInfo, bytes]:
    photos = some_photos(folder / "photos")
    return {f"{inside}{p.name}": p.read_bytes() for p in sorted(photos.iterdir())}


def refusal(ws: Workspace, path: Path) -> UserError:
    with pytest.raises(UserError) as refused:
        import_zip(ws, "val", path)
    assert refused.value.where == str(path)
    assert traces(ws) == NOTHING
    return refused.value


@pytest.mark.parametrize(
    ("json_name", "photos"),
    [
        ("val.json", ""),
        ("set/annotations/person_keypoints_val2017.json", "set/images/val2017/"),
        ("val.json", "anywhere/at/all/"),
    ],
)
def test_a_zip_is_imported_with_its_photos(
    ws: Workspace, tmp_path: Path, json_name: str, photos: str
) -> None:
    path = a_zip(tmp_path, {json_name: JSON} | with_photos(tmp_path, photos))
    dataset = import_zip(ws, "val", path)
    assert dataset.source_name == f"up.zip/{json_name}"
    assert dataset.remarks == ()
    assert dataset.images_dir is not None
    assert (dataset.images_dir / "000001.png").is_file()
    assert dataset.images_dir.is_relative_to(ws.uploads_dir)


def test_progress_rises_to_one_over_unpacking_and_importing(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    seen: list[float] = []
    import_zip(ws, "val", path, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_uploaded_photos_go_with_their_dataset(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    import_zip(ws, "val", path)
    delete_dataset(ws, "val")
    assert traces(ws) == NOTHING


def test_uploaded_photos_stay_as_long_as_any_dataset_uses_them(
    ws: Workspace, tmp_path: Path
) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    photos = import_zip(ws, "val", path).images_dir
    assert photos is not None
    import_dataset(ws, "again", a_file(tmp_path), images_dir=photos)
    delete_dataset(ws, "val")
    sweep(ws)
    assert (photos / "000001.png").is_file()
    delete_dataset(ws, "again")
    assert traces(ws) == NOTHING


def test_uploaded_photos_go_when_the_dataset_gets_others(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    import_zip(ws, "val", path)
    move_photos(ws, "val", tmp_path / "photos")
    assert list(ws.uploads_dir.iterdir()) == []
    assert (tmp_path / "photos" / "000001.png").is_file()


def test_a_zip_without_photos_has_no_photo_folder(ws: Workspace, tmp_path: Path) -> None:
    assert import_zip(ws, "val", a_zip(tmp_path, {"val.json": JSON})).images_dir is None


def a_link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../evil.jpg", "leads outside the zip"),
        ("a/../../evil.jpg", "leads outside the zip"),
        ("/etc/evil.jpg", "leads outside the zip"),
        ("C:/evil.jpg", "leads outside the zip"),
        ("..\\evil.jpg", "leads outside the zip"),
        (a_link("evil.jpg"), "is a link"),
    ],
)
def test_a_zip_that_would_write_elsewhere_is_refused(
    ws: Workspace, tmp_path: Path, name: str | zipfile.ZipInfo, words: str
) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, name: b"x"})
    refused = refusal(ws, path)
    assert refused.what == "The zip is not safe to unpack; nothing was unpacked."
    assert [words in problem for problem in refused.problems] == [True]
    assert list(tmp_path.rglob("evil*")) == []


def test_a_name_with_nul_in_it_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, "evilQ.jpg": b"x"})
    path.write_bytes(path.read_bytes().replace(b"evilQ.jpg", b"evil\0.jpg"))
    assert "leads outside the zip" in refusal(ws, path).problems[0]


def test_every_unsafe_entry_is_listed(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"../a.jpg": b"", "/b.jpg": b"", a_link("c.jpg"): b"", "v.json": JSON})
    assert len(refusal(ws, path).problems) == 3


def test_two_spellings_of_one_name_are_refused(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, "a.jpg": b"", "./a.jpg": b""})
    assert refusal(ws, path).problems == ("Two files have the same name.",)


@pytest.mark.parametrize(
    ("entry", "content", "where"),
    [
        ("val.json", b"[1]", "up.zip/val.json: "),
        (f"{'x' * 300}.jpg", b"", f"up.zip/{'x' * 300}.jpg: "),
    ],
)
def test_words_name_the_zip_and_no_inner_folder(
    ws: Workspace, tmp_path: Path, entry: str, content: bytes, where: str
) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, entry: content})
    with pytest.raises(UserError) as refused:
        import_zip(ws, "val", path)
    assert where in str(refused.value)
    assert str(ws.data_dir) not in str(refused.value)


def test_a_bomb_is_refused_before_it_is_unpacked(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, "zeros.jpg": bytes(50_000_000)})
    assert "'zeros.jpg' unpacks to 50,000,000 bytes from 4" in refusal(ws, path).problems[0]


def test_an_entry_that_lies_about_its_size_is_cut_there(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON, "zeros.jpg": bytes(50_000_000)})
    content = path.read_bytes()
    size, lie = (50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    path.write_bytes(content.replace(size, lie))
    assert "zeros.jpg in the zip is damaged" in refusal(ws, path).what


def test_too_much_altogether_is_refused(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    monkeypatch.setattr(unzip, "MOST_BYTES", 100)
    assert "bytes; 100 is the most" in refusal(ws, path).what
    monkeypatch.setattr(unzip, "MOST_ENTRIES", 2)
    assert refusal(ws, path).what == "The zip holds 3 files; 2 is the most."


def test_more_than_the_disk_holds_is_refused(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_zip(tmp_path, {"val.json": JSON})
    free = unzip.shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(unzip.shutil, "disk_usage", lambda _: free)
    assert "the disk has 10 left" in refusal(ws, path).what


def test_an_encrypted_zip_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    assert refusal(ws, path).problems == ("'val.json' is encrypted.",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", JSON])
def test_what_is_no_zip_is_refused(ws: Workspace, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "up.zip"
    path.write_bytes(content)
    assert refusal(ws, path).what == "This is not a zip file, or it is damaged."


def test_a_missing_zip_is_refused(ws: Workspace, tmp_path: Path) -> None:
    assert refusal(ws, tmp_path / "none.zip").what == "There is no such file."


def test_a_damaged_entry_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON})
    content = bytearray(path.read_bytes())
    start = content.index(b"val.json") + len("val.json")
    content[start + 20 : start + 60] = bytes(40)
    path.write_bytes(content)
    assert refusal(ws, path).what == "val.json in the zip is damaged."


def test_a_zip_without_a_json_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, with_photos(tmp_path))
    assert refusal(ws, path).what == "The zip holds no .json file."


def test_of_two_jsons_the_persons_one_is_taken(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(
        tmp_path,
        {
            "annotations/captions_val2017.json": b"{}",
            "annotations/person_keypoints_val2017.json": JSON,
            "__MACOSX/annotations/._person_keypoints_val2017.json": b"junk",
        },
    )
    assert import_zip(ws, "val", path).num_annotations == 2


def test_of_two_alike_jsons_none_is_guessed(ws: Workspace, tmp_path: Path) -> None:
    refused = refusal(ws, a_zip(tmp_path, {"a.json": JSON, "b.json": JSON}))
    assert "not clear which one is meant" in refused.what
    assert refused.problems == ("a.json", "b.json")
    assert refused.remedy == "Leave one in the zip, or name it person_keypoints….json."


def test_a_cancelled_upload_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"val.json": JSON} | with_photos(tmp_path))
    with pytest.raises(Cancelled):
        import_zip(ws, "val", path, cancelled=lambda: True)
    assert traces(ws) == NOTHING
    assert list_datasets(ws) == []
