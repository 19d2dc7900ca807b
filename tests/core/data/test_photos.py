"""Photos: no name leaves the folder, no header is trusted, every kind of picture is read."""

import errno
import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import cv2
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
    upright_size,
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
    (Image.new("RGBA", (4, 3), (*ORANGE, 255)), {}, ORANGE),
    (Image.new("RGBA", (4, 3), (*ORANGE, 51)), {}, (250, 236, 204)),  # a fifth of it on white
    (Image.new("RGBA", (4, 3), (0, 0, 0, 0)), {}, (255, 255, 255)),
    (Image.new("L", (4, 3), 77), {}, (77, 77, 77)),
    (Image.new("LA", (4, 3), (77, 255)), {}, (77, 77, 77)),
    (Image.new("L", (4, 3), 77), {"transparency": 77}, (255, 255, 255)),
    (Image.new("1", (4, 3), 1), {}, (255, 255, 255)),
    (Image.new("RGB", (4, 3), ORANGE).quantize(), {}, ORANGE),
    (Image.new("RGB", (4, 3), ORANGE).quantize(), {"transparency": b"\xff"}, ORANGE),
    (Image.new("RGB", (4, 3), ORANGE).quantize(), {"transparency": b"\0"}, (255, 255, 255)),
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


def test_cmyk_without_adobes_mark_is_read_as_adobes_like_browsers_do():
    packed = encoded(Image.new("RGB", (16, 8), ORANGE).convert("CMYK"), "JPEG")
    mark = packed.index(b"\xff\xee")
    length = int.from_bytes(packed[mark + 2 : mark + 4])
    assert packed[mark + 4 : mark + 9] == b"Adobe"
    pixels = read_photo(packed[:mark] + packed[mark + 2 + length :])
    assert np.abs(pixels.astype(int) - ORANGE[::-1]).max() <= 8


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bits_a_channel_become_8(channels: int):
    deep = np.full((3, 4, channels), 65535, np.uint16)
    deep[:, :, :3] = np.array(ORANGE[::-1], np.uint16) * 257
    packed = cv2.imencode(".png", deep)[1].tobytes()
    assert packed[24] == 16  # bit depth
    assert (read_photo(packed) == ORANGE[::-1]).all()


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


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"GIF89a", "a GIF"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"), (b"%PDF-1.7", "a PDF"),
     (b"\0\0\0\x18ftypheic", "a HEIC or AVIF"), (b"\0\0\0\x1cftypavif", "a HEIC or AVIF")],
)  # fmt: skip
def test_a_picture_of_another_kind_is_called_by_its_name(tmp_path: Path, head: bytes, kind: str):
    path = tmp_path / "a.jpg"
    path.write_bytes(head + bytes(40))
    said = f"This is {kind} file, which is not read. JPEG, PNG, WebP and BMP are read."
    assert (refusal(head + bytes(40)), refusal(path)) == (said, f"a.jpg: {said}")


def with_late_exif(packed: bytes) -> bytes:
    """The PNG with its EXIF moved behind the pixels."""
    start = packed.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(packed[start : start + 4])
    rest = packed[:start] + packed[end:]
    return rest[:-12] + packed[start:end] + rest[-12:]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_as_seen_is_that_of_the_pixels(tmp_path: Path, orientation: int):
    photo = Image.new("RGB", (30, 20), ORANGE)
    exif = Image.Exif()
    exif[0x0112] = orientation
    png = encoded(photo, exif=exif)
    path = tmp_path / "a.png"
    path.write_bytes(png)
    jpeg, webp = (encoded(photo, kind, exif=exif) for kind in ("JPEG", "WEBP"))
    for each in (png, path, with_late_exif(png), jpeg, webp):
        height, width = read_photo(each).shape[:2]
        assert upright_size(each) == (width, height)
        assert (width, height) == ((20, 30) if orientation > 4 else (30, 20))


def test_the_size_is_known_without_a_single_pixel():
    assert upright_size(png_header(7_000, 7_000)) == (7_000, 7_000)
    assert upright_size(png_header(8, 9)) == (8, 9)


def test_photos_on_which_nobody_can_be_seen_are_refused():
    with pytest.raises(UserError) as refused:
        upright_size(png_header(1, 1))
    assert str(refused.value) == (
        "The photo has 1 x 1 pixels; nobody can be seen on it. Both sides need at least 8 pixels."
    )
    with pytest.raises(UserError, match="has 7 x 900 pixels"):
        upright_size(png_header(7, 900))
    with pytest.raises(UserError, match="has 10,000 x 5,001; at most 50,000,000 pixels"):
        upright_size(png_header(10_000, 5_001))


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
