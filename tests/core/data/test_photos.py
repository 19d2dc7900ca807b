"""Photos: no name leaves the folder, no header is trusted, every kind of picture is read."""

import errno
import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.photos import (
    name_problem,
    photo_path,
    photo_size,
    read_dataset_photo,
    read_photo,
    turned_size,
)
from core.errors import UserError

ORANGE = (230, 159, 0)  # RGB


def encoded(photo: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, file_format, **options)
    return buffer.getvalue()


def turned(orientation: int) -> bytes:
    """A 3 x 2 PNG, black but for an orange pixel at the top left, with an EXIF turn."""
    photo = Image.new("RGB", (3, 2))
    photo.putpixel((0, 0), ORANGE)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(photo, exif=exif)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def refusal(photo: Path | bytes) -> str:
    with pytest.raises(UserError) as refused:
        read_photo(photo)
    return str(refused.value)


OUTSIDE = [
    ("../../etc/passwd", "leaves the photo folder"),
    ("a/../../b.jpg", "leaves the photo folder"),
    ("a/..", "leaves the photo folder"),
    ("/etc/passwd", "is an absolute path"),
    ("//server/share/a.jpg", "is an absolute path"),
    ("C:/a.jpg", "is an absolute path"),
    ("c:a.jpg", "is an absolute path"),
    ("..\\a.jpg", "holds a backslash (folders are parted by /)"),
    ("C:\\a.jpg", "holds a backslash (folders are parted by /)"),
    ("a.jpg\0.png", "holds a NUL character"),
    ("", "names no file"),
    (".", "names no file"),
    ("./", "names no file"),
    ("\ud800.jpg", "holds characters no file name can have"),
    ("é" * 128, "is longer than file names can be"),
    ("d/" * 1024 + "a.jpg", "is longer than file names can be"),
]


@pytest.mark.parametrize(("file_name", "problem"), OUTSIDE)
def test_names_that_could_leave_the_folder_are_refused(
    tmp_path: Path, file_name: str, problem: str
):
    with pytest.raises(UserError) as refused:
        photo_path(tmp_path, file_name)
    assert str(refused.value) == (
        f"The file name {file_name!r} {problem}; it is not read. "
        "Photos are named relative to the photo folder."
    )


@pytest.mark.parametrize("file_name", ["a.jpg", "b/a.jpg", "./a.jpg", "b//a.jpg", "..a.jpg", "é…"])
def test_names_inside_the_folder_are_paths_in_it(tmp_path: Path, file_name: str):
    assert photo_path(tmp_path, file_name) == tmp_path / file_name


def test_links_are_followed_inside_the_folder_only(tmp_path: Path):
    inside, outside = tmp_path / "photos", tmp_path / "secret"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.jpg").touch()
    (inside / "folder").symlink_to(outside)
    (inside / "photo.jpg").symlink_to(outside / "a.jpg")
    (inside / "round.jpg").symlink_to(inside / "round.jpg")
    (inside / "own.jpg").symlink_to(inside / "b.jpg")
    for name in ("folder/a.jpg", "photo.jpg"):
        with pytest.raises(UserError, match="leads out of the photo folder; it is not read"):
            photo_path(inside, name)
    assert photo_path(inside, "own.jpg") == inside / "b.jpg"
    assert photo_path(inside, "round.jpg") == inside / "round.jpg"  # and cannot be opened


def test_the_folder_itself_may_be_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert photo_path(tmp_path / "link", "a.jpg") == tmp_path / "real" / "a.jpg"


def test_a_sibling_with_a_longer_name_is_outside(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos2").mkdir()
    (tmp_path / "photos" / "a").symlink_to(tmp_path / "photos2")
    with pytest.raises(UserError, match="leads out"):
        photo_path(tmp_path / "photos", "a/b.jpg")


@given(st.text("./\\:aC\0~", max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_name_leads_out(file_name: str):
    folder = Path("/srv/photos")
    if not name_problem(file_name):
        assert photo_path(folder, file_name).is_relative_to(folder)


COLOURS = [
    (Image.new("RGB", (4, 3), ORANGE), {}, ORANGE),
    (Image.new("RGBA", (4, 3), (*ORANGE, 90)), {}, ORANGE),
    (Image.new("L", (4, 3), 77), {}, (77, 77, 77)),
    (Image.new("LA", (4, 3), (77, 9)), {}, (77, 77, 77)),
    (Image.new("1", (4, 3), 1), {}, (255, 255, 255)),
    (Image.new("RGB", (4, 3), ORANGE).quantize(), {}, ORANGE),
    (Image.new("RGB", (4, 3), ORANGE).quantize(), {"transparency": b"\x10\x20"}, ORANGE),
    (Image.fromarray(np.full((3, 4), 77 * 257, dtype=np.uint16)), {}, (77, 77, 77)),
]


@pytest.mark.parametrize(("photo", "options", "rgb"), COLOURS)
def test_png_of_every_kind_becomes_8_bit_bgr(photo: Image.Image, options: dict, rgb: tuple):
    pixels = read_photo(encoded(photo, **options))
    assert (pixels.shape, pixels.dtype, pixels.flags["C_CONTIGUOUS"]) == ((3, 4, 3), np.uint8, True)
    assert (pixels == rgb[::-1]).all()


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_other_formats_are_read(file_format: str, mode: str):
    photo = Image.new("RGB", (16, 8), ORANGE).convert(mode)
    pixels = read_photo(encoded(photo, file_format))
    assert pixels.shape == (8, 16, 3)
    expected = np.asarray(photo.convert("RGB"))[:, :, ::-1].astype(int)
    assert np.abs(pixels - expected).max() <= 8  # JPEG and WebP lose a little


def test_cmyk_jpeg_is_read_in_its_true_colours():
    photo = Image.new("RGB", (16, 8), ORANGE)
    pixels = read_photo(encoded(photo.convert("CMYK"), "JPEG"))
    assert np.abs(pixels.astype(int) - ORANGE[::-1]).max() <= 8


@pytest.mark.parametrize(
    ("orientation", "shape", "orange_at"),
    [(1, (2, 3), (0, 0)), (2, (2, 3), (0, 2)), (3, (2, 3), (1, 2)), (4, (2, 3), (1, 0)),
     (5, (3, 2), (0, 0)), (6, (3, 2), (0, 1)), (7, (3, 2), (2, 1)), (8, (3, 2), (2, 0)),
     (9, (2, 3), (0, 0))],
)  # fmt: skip
def test_exif_turns_the_photo_unless_told_otherwise(
    orientation: int, shape: tuple[int, int], orange_at: tuple[int, int]
):
    pixels = read_photo(turned(orientation))
    assert pixels.shape[:2] == shape
    assert np.argwhere(pixels.any(axis=2)).tolist() == [list(orange_at)]
    as_stored = read_photo(turned(orientation), turn_by_exif=False)
    assert np.argwhere(as_stored.any(axis=2)).tolist() == [[0, 0]]
    assert as_stored.shape[:2] == (2, 3)


@pytest.mark.parametrize(
    ("orientation", "said_wh_px", "shape"),
    [(6, (2, 3), (3, 2)), (6, (3, 2), (2, 3)), (1, (2, 3), (2, 3)), (3, (3, 2), (2, 3)),
     (6, (7, 7), (2, 3))],
)  # fmt: skip
def test_a_dataset_photo_is_turned_only_if_that_fits_its_labels(
    tmp_path: Path, orientation: int, said_wh_px: tuple[int, int], shape: tuple[int, int]
):
    path = tmp_path / "a.png"
    path.write_bytes(turned(orientation))
    assert read_dataset_photo(path, said_wh_px).shape[:2] == shape
    assert photo_size(path) == (3, 2)
    assert turned_size(path, said_wh_px) == (said_wh_px if shape == (3, 2) else None)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_turns_nothing():
    photo = encoded(Image.new("RGB", (3, 2)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff1234")
    assert read_photo(photo).shape == (2, 3, 3)


def test_a_text_file_is_no_photo(tmp_path: Path):
    path = tmp_path / "photo.jpg"
    path.write_text("I am no photo")
    reads = "JPEG, PNG, WebP and BMP are read."
    assert refusal(path) == f"photo.jpg: This is no photo. {reads}"
    assert refusal(b"I am no photo") == f"This is no photo. {reads}"
    assert refusal(b"") == f"This is no photo. {reads}"
    assert refusal(encoded(Image.new("RGB", (3, 2)), "GIF")) == f"This is no photo. {reads}"


def test_a_missing_photo_is_said(tmp_path: Path):
    assert refusal(tmp_path / "a.jpg") == "There is no photo a.jpg. Check the photo folder."
    assert refusal(tmp_path) == f"There is no photo {tmp_path.name}. Check the photo folder."


def test_a_huge_header_is_refused_before_memory_is_asked_for():
    assert refusal(png_header(40_000, 40_000)) == (
        "The photo has more than 89 million pixels; at most 50,000,000 pixels are decoded. "
        "Make it smaller."
    )
    assert refusal(png_header(8_000, 7_000)) == (
        "The photo has 8,000 x 7,000; at most 50,000,000 pixels are decoded. Make it smaller."
    )


def test_a_photo_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "a.png"
    path.touch()
    monkeypatch.setattr(Image, "open", denied)
    assert refusal(path) == "a.png: The photo cannot be read: Permission denied."


def test_fewer_pixels_may_be_asked_for():
    photo = encoded(Image.new("RGB", (30, 20)))
    assert read_photo(photo, max_pixels=600).shape == (20, 30, 3)
    with pytest.raises(UserError, match=r"^The photo has 30 x 20; at most 599 pixels are decoded"):
        read_photo(photo, max_pixels=599)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_cut_off_photo_is_refused(file_format: str, share: float):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), file_format)
    assert refusal(whole[: int(share * len(whole))]) in (
        "The photo is damaged or cut off. Get it again.",
        "This is no photo. JPEG, PNG, WebP and BMP are read.",
    )


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP"])
@given(places=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_damage_of_any_kind_is_a_refusal_never_a_crash(
    file_format: str, places: list[tuple[int, int]]
):
    photo = bytearray(encoded(Image.new("RGB", (9, 9), ORANGE), file_format))
    for at, value in places:
        photo[at % len(photo)] = value
    with suppress(UserError):
        assert read_photo(bytes(photo)).ndim == 3
