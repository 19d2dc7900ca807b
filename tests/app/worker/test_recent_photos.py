"""Photos decoded a moment ago are not decoded again, unless they changed or there is no room."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.worker import recent_photos
from app.worker.recent_photos import RecentPhotos
from app.workflow.interactive import PhotoRef
from app.workflow.uploads import delete_photo, keep_photo
from app.workflow.workspace import Workspace
from core.data.photos import read_dataset_photo, read_photo
from core.errors import UserError
from tests.app.workflow.coco_files import imported, some_photos
from tests.app.workflow.packed_photos import a_photo


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded."""
    names: list[str] = []

    def of_dataset(path: Path, size_wh_px: tuple[int, int]) -> np.ndarray:
        names.append(path.name)
        return read_dataset_photo(path, size_wh_px)

    def upload(path: Path) -> np.ndarray:
        names.append(path.parent.name)
        return read_photo(path)

    monkeypatch.setattr(recent_photos, "read_dataset_photo", of_dataset)
    monkeypatch.setattr(recent_photos, "read_photo", upload)
    return names


def test_a_photo_is_decoded_once(ws: Workspace, tmp_path: Path, decoded: list[str]) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path)
    upload = keep_photo(ws, "a.png", a_photo())
    photos = RecentPhotos(ws)
    for ref in (PhotoRef("val", 1), PhotoRef(upload_id=upload.id)):
        first = photos.read(ref)
        assert photos.read(ref) is first
        assert (first.shape, first.flags.writeable) == ((48, 64, 3), False)
    assert decoded == ["000001.png", upload.id]


def test_a_photo_that_changed_is_decoded_again(
    ws: Workspace, tmp_path: Path, decoded: list[str]
) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path)
    photos = RecentPhotos(ws)
    photos.read(PhotoRef("val", 1))
    cv2.imwrite(str(tmp_path / "000001.png"), np.full((48, 64, 3), 200, np.uint8))
    assert (photos.read(PhotoRef("val", 1)) == 200).all()
    assert len(decoded) == 2


def test_the_oldest_goes_when_there_is_no_room(ws: Workspace, decoded: list[str]) -> None:
    ids = [keep_photo(ws, "a.png", a_photo()).id for _ in range(3)]
    photos = RecentPhotos(ws, most_bytes=2 * 64 * 48 * 3)
    for upload_id in (ids[0], ids[1], ids[0], ids[2], ids[0], ids[1]):
        photos.read(PhotoRef(upload_id=upload_id))
    assert decoded == [*ids, ids[1]]


def test_a_photo_larger_than_all_room_is_read_all_the_same(ws: Workspace) -> None:
    upload = keep_photo(ws, "a.png", a_photo())
    assert RecentPhotos(ws, most_bytes=1).read(PhotoRef(upload_id=upload.id)).shape == (48, 64, 3)


def test_a_deleted_upload_is_not_shown_from_memory(ws: Workspace) -> None:
    upload = keep_photo(ws, "a.png", a_photo())
    photos = RecentPhotos(ws)
    photos.read(PhotoRef(upload_id=upload.id))
    delete_photo(ws, upload.id)
    with pytest.raises(UserError, match="not there any more"):
        photos.read(PhotoRef(upload_id=upload.id))
