import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.workflow import photos
from app.workflow.browse import image_of
from app.workflow.datasets import find_dataset
from app.workflow.photos import PhotoAddress, open_token, photo_file, resized_photo, sign_photo
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo
from core.errors import UserError
from tests.app.workflow.coco_files import a_coco, a_file, imported, some_photos


@pytest.fixture
def dataset(ws: Workspace, tmp_path: Path) -> DatasetInfo:
    some_photos(tmp_path, images=1)
    return imported(ws, tmp_path)


def picture(path: Path) -> tuple[tuple[int, ...], int]:
    read = cv2.imread(str(path))
    assert read is not None
    return read.shape, int(np.median(read))


def test_a_photo_is_found_and_a_missing_one_is_none(
    ws: Workspace, dataset: DatasetInfo, tmp_path: Path
) -> None:
    assert photo_file(ws, dataset, image_of(ws, "val", 1)) == tmp_path / "000001.png"
    assert photo_file(ws, dataset, image_of(ws, "val", 2)) is None
    nowhere = dataclasses.replace(dataset, images_dir=None)
    assert photo_file(ws, nowhere, image_of(ws, "val", 1)) is None


def test_a_resized_photo_is_made_once_and_kept(ws: Workspace, dataset: DatasetInfo) -> None:
    image = image_of(ws, "val", 1)
    path = resized_photo(ws, dataset, image, 1600)
    assert picture(path) == ((48, 64, 3), 41)
    made = path.stat().st_mtime_ns
    assert resized_photo(ws, dataset, image, 1600) == path
    assert path.stat().st_mtime_ns == made


def test_a_large_photo_is_shrunk_and_a_small_one_never_enlarged(
    ws: Workspace, dataset: DatasetInfo, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "000001.png"), np.full((300, 400, 3), 9, np.uint8))
    image = image_of(ws, "val", 1)
    assert picture(resized_photo(ws, dataset, image, 100))[0] == (75, 100, 3)
    assert picture(resized_photo(ws, dataset, image, 1))[0] == (48, 64, 3)
    assert picture(resized_photo(ws, dataset, image, 10**9))[0] == (300, 400, 3)


def test_a_replaced_photo_is_resized_anew(
    ws: Workspace, dataset: DatasetInfo, tmp_path: Path
) -> None:
    image = image_of(ws, "val", 1)
    before = resized_photo(ws, dataset, image, 100)
    cv2.imwrite(str(tmp_path / "000001.png"), np.full((48, 64, 3), 200, np.uint8))
    after = resized_photo(ws, dataset, image, 100)
    assert before != after
    assert picture(after)[1] == 200


@pytest.mark.parametrize("content", [None, b"this is text"])
def test_without_a_photo_there_is_a_grey_frame_of_its_size(
    ws: Workspace, dataset: DatasetInfo, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "000002.png").write_bytes(content)
    assert picture(resized_photo(ws, dataset, image_of(ws, "val", 2), 100)) == ((48, 64, 3), 128)


def test_a_name_that_leads_outside_is_a_grey_frame(ws: Workspace, dataset: DatasetInfo) -> None:
    image = ImageInfo(9, 0, "../../etc/passwd", (64, 48), 0)
    assert picture(resized_photo(ws, dataset, image, 100))[1] == 128
    with pytest.raises(UserError, match="leaves the photo folder"):
        photo_file(ws, dataset, image)


def test_an_image_without_a_size_still_has_a_frame(ws: Workspace, dataset: DatasetInfo) -> None:
    image = ImageInfo(9, 0, "none.png", (0, 0), 0)
    assert picture(resized_photo(ws, dataset, image, 6400))[0] == (480, 640, 3)


def test_a_token_says_what_was_signed_and_is_the_same_all_day(ws: Workspace) -> None:
    token = sign_photo(ws, 3, -7, 1600)
    assert token == sign_photo(ws, 3, -7, 1600)
    assert open_token(ws, token) == PhotoAddress(3, -7, 1600)


@pytest.mark.parametrize("token", ["", "x", "WzEsMSwxLDFd.abc", "é"])
def test_a_token_of_others_is_refused(ws: Workspace, token: str) -> None:
    with pytest.raises(UserError, match="not one of ours"):
        open_token(ws, token)


def test_a_token_expires_after_the_next_day(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign_photo(ws, 3, 7, 1600)

    class Later(datetime):
        days = 1

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=cls.days)

    monkeypatch.setattr(photos, "datetime", Later)
    assert open_token(ws, token).image_id == 7
    Later.days = 2
    with pytest.raises(UserError, match="has expired"):
        open_token(ws, token)


def test_photos_turned_by_exif_are_shown_as_the_record_says(ws: Workspace, tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "turned").mkdir()
    photo = Image.new("RGB", (48, 64), (40, 40, 40))
    exif = photo.getexif()
    exif[0x0112] = 6
    photo.save(tmp_path / "turned" / "000001.jpg", exif=exif)
    content = a_coco(images=1)
    content["images"][0]["file_name"] = "000001.jpg"
    from app.workflow.import_dataset import import_dataset

    import_dataset(ws, "turned", a_file(tmp_path / "turned", content))
    dataset = find_dataset(ws, "turned")
    path = resized_photo(ws, dataset, image_of(ws, "turned", 1), 100)
    assert picture(path)[0] == (48, 64, 3)
