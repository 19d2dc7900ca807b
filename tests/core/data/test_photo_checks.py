"""Photos that are missing, unreadable or of another size are remarked, with both sizes."""

from pathlib import Path

import pytest
from PIL import Image

from core.data.coco_json import open_coco
from core.data.report import Severity
from core.errors import Cancelled, UserError
from tests.core.data.coco_files import a_file, an_image, written


def remarks(folder: Path, *images: dict) -> list[tuple[str, str]]:
    """Findings of a file with these images and the photos in `folder`."""
    path = written(folder.parent, a_file(images=list(images), annotations=[]))
    reading = open_coco(path, images_dir=folder)
    assert reading.dataset is not None
    assert {f.severity for f in reading.report.findings} <= {Severity.REMARK}
    return [(f.rule, f.message) for f in reading.report.findings]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def save(path: Path, size_wh_px: tuple[int, int] = (640, 480), orientation: int = 1) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(exist_ok=True)
    Image.new("L", size_wh_px).save(path, exif=exif)


def test_photos_that_fit_are_not_mentioned(photos: Path):
    save(photos / "1.jpg")
    save(photos / "sub" / "2.png")
    assert remarks(photos, an_image(), an_image(2, file_name="./sub//2.png")) == []


def test_missing_photos_are_one_remark_with_ten_examples(photos: Path):
    save(photos / "3.jpg")
    assert remarks(photos, *(an_image(i) for i in range(1, 15))) == [
        ("missing_photos", f"13 of 14 photos are not in {photos}: 1.jpg, 2.jpg, 4.jpg, 5.jpg, "
         "6.jpg, 7.jpg, 8.jpg, 9.jpg, 10.jpg, 11.jpg ..."),
    ]  # fmt: skip


def test_a_missing_subfolder_has_no_photos(photos: Path):
    assert remarks(photos, an_image(file_name="none/1.jpg")) == [
        ("missing_photos", f"1 of 1 photos are not in {photos}: none/1.jpg")
    ]


def test_another_size_is_remarked_with_both_sizes(photos: Path):
    save(photos / "1.jpg", (320, 240))
    assert remarks(photos, an_image()) == [
        ("different_photo_size",
         "Image 1 is 640 x 480 in the file; its photo 1.jpg is 320 x 240.")
    ]  # fmt: skip


def test_a_photo_turned_by_exif_to_the_same_size_is_fine(photos: Path):
    save(photos / "1.jpg", (480, 640), orientation=6)
    save(photos / "2.jpg", (480, 640))
    assert remarks(photos, an_image(), an_image(2)) == [
        ("different_photo_size", "Image 2 is 640 x 480 in the file; its photo 2.jpg is 480 x 640.")
    ]


def test_an_image_without_a_size_has_none_to_compare(photos: Path):
    save(photos / "1.jpg", (320, 240))
    found = remarks(photos, an_image(width=None, height=None))
    assert [rule for rule, _ in found] == ["missing_image_size"]


def test_a_photo_that_is_text_is_remarked(photos: Path):
    (photos / "1.jpg").write_text("text")
    assert remarks(photos, an_image()) == [
        ("unreadable_photo",
         "Image 1: 1.jpg: This is no photo. JPEG, PNG, WebP and BMP are read.")
    ]  # fmt: skip


def test_a_link_out_of_the_folder_is_remarked_and_not_read(photos: Path):
    save(photos.parent / "elsewhere" / "2.jpg")
    (photos / "1.jpg").symlink_to(photos.parent / "elsewhere" / "2.jpg")
    (photos / "sub").symlink_to(photos.parent / "elsewhere")
    assert remarks(photos, an_image(), an_image(2, file_name="sub/2.jpg")) == [
        ("missing_photos", f"1 of 2 photos are not in {photos}: sub/2.jpg"),
        ("unreadable_photo", "Image 1: The file name '1.jpg' leads out of the photo folder; it is "
         "not read. Photos are named relative to the photo folder."),
    ]  # fmt: skip


def test_names_that_leave_the_folder_are_remarked_once_and_not_looked_for(photos: Path):
    found = remarks(photos, an_image(file_name="../photos/1.jpg"))
    assert [rule for rule, _ in found] == ["unsafe_file_name"]


def test_a_missing_photo_folder_is_refused(tmp_path: Path):
    with pytest.raises(UserError) as refused:
        open_coco(written(tmp_path, a_file()), images_dir=tmp_path / "none")
    assert str(refused.value) == (
        f"There is no photo folder {tmp_path / 'none'}. Name the folder that holds them."
    )


def test_looking_for_photos_stops_when_asked(photos: Path):
    asked = iter([False, True])
    path = written(photos.parent, a_file())
    with pytest.raises(Cancelled):
        open_coco(path, images_dir=photos, cancelled=lambda: next(asked))
