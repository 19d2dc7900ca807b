"""Uploaded single photos: kept for a week, known by their header alone, gone when asked."""

import io
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.workflow import uploads
from app.workflow.claims import sweep
from app.workflow.photos import open_token, sign_photo
from app.workflow.uploads import (
    delete_photo,
    drop_expired,
    keep_photo,
    make_shown_photo,
    open_upload_token,
    shown_photo,
    sign_upload,
    uploaded_file,
    uploaded_photo,
)
from app.workflow.workspace import Workspace
from core.data.photos import photo_size, read_photo
from core.errors import UserError
from tests.app.workflow.packed_photos import a_photo
from tests.core.data.test_whole_file import no_file_larger_than

GONE = "This photo is not there any more. Uploads are kept for 7 days. Upload it again."


def kept(ws: Workspace) -> list[str]:
    folder = ws.uploads_dir / "photos"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def in_days(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    later = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(uploads, "_now", lambda: later)


def test_a_photo_is_kept_as_it_came_under_a_name_of_ours(ws: Workspace) -> None:
    packed = a_photo("JPEG", size_wh_px=(30, 20))
    upload = keep_photo(ws, "Übung 1.jpg", packed)
    assert (upload.name, upload.size_wh_px) == ("Übung 1.jpg", (30, 20))
    assert 6.9 < (upload.kept_until - datetime.now(UTC)).total_seconds() / 86_400 < 7.1
    assert uploaded_photo(ws, upload.id) == upload
    file = uploaded_file(ws, upload.id)
    assert file == ws.uploads_dir / "photos" / upload.id / "photo"
    assert file.read_bytes() == packed


def test_the_size_is_that_after_the_turn_exif_asks_for(ws: Workspace) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    packed = io.BytesIO()
    Image.new("RGB", (30, 20)).save(packed, "JPEG", exif=exif)
    assert keep_photo(ws, "a.jpg", packed.getvalue()).size_wh_px == (20, 30)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\me.png", "me.png"),
        ("a\nb\0c\ud800.png", "a_b_c_.png"),
        ("", "photo"),
        ("/", "photo"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
    ],
)
def test_the_name_is_only_ever_text(ws: Workspace, name: str, shown: str) -> None:
    upload = keep_photo(ws, name, a_photo())
    assert uploaded_photo(ws, upload.id).name == shown
    assert kept(ws) == [upload.id]


def test_what_is_no_photo_is_refused_and_not_kept(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for packed, said in (
        (b"some text", "This is no photo. JPEG, PNG, WebP and BMP are read."),
        (b"", "This is no photo. JPEG, PNG, WebP and BMP are read."),
        (b"GIF89a" + bytes(99), "This is a GIF file, which is not read. JPEG, PNG, WebP and BMP"),
        (a_photo(size_wh_px=(1, 1)), "The photo has 1 x 1 pixels; nobody can be seen on it."),
    ):
        with pytest.raises(UserError) as refused:
            keep_photo(ws, "a.png", packed)
        assert str(refused.value).startswith(said)
    monkeypatch.setattr(uploads, "MOST_BYTES", 1 << 20)
    with pytest.raises(UserError) as refused:
        keep_photo(ws, "a.png", bytes(3 << 20))
    assert str(refused.value) == "The photo has 3 MB; at most 1 MB are taken. Make it smaller."
    assert kept(ws) == []


def test_a_hundred_megabytes_and_fifty_megapixels_are_the_most() -> None:
    assert (uploads.MOST_BYTES, uploads.MAX_PIXELS) == (100 << 20, 50_000_000)


def test_on_a_full_disk_nothing_is_kept(ws: Workspace) -> None:
    with no_file_larger_than(2000), pytest.raises(UserError, match=r"(?i)disk.*space|disk is full"):
        keep_photo(ws, "a.png", a_photo())
    assert kept(ws) == []


def test_a_deleted_photo_is_gone(ws: Workspace) -> None:
    upload, other = keep_photo(ws, "a.png", a_photo()), keep_photo(ws, "b.png", a_photo())
    delete_photo(ws, upload.id)
    delete_photo(ws, upload.id)  # again: no error
    assert kept(ws) == [other.id]
    for gone in (upload.id, "../../halfseen.db", "", "0" * 32):
        with pytest.raises(UserError) as refused:
            uploaded_photo(ws, gone)
        assert str(refused.value) == GONE


@given(upload_id=st.text("./0aF\0~", max_size=40))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_id_reaches_out_of_the_folder(ws: Workspace, upload_id: str) -> None:
    (ws.data_dir / "photo.json").write_text("{}")
    delete_photo(ws, upload_id)
    with pytest.raises(UserError, match="not there any more"):
        uploaded_file(ws, upload_id)
    assert (ws.data_dir / "halfseen.db").is_file()


def test_after_a_week_a_photo_is_gone(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = keep_photo(ws, "a.png", a_photo())
    in_days(monkeypatch, 6.9)
    drop_expired(ws)
    assert uploaded_photo(ws, upload.id) == upload
    in_days(monkeypatch, 7.1)
    with pytest.raises(UserError, match="not there any more"):
        uploaded_photo(ws, upload.id)
    drop_expired(ws)
    assert kept(ws) == []


def test_what_a_kill_left_half_made_goes_after_a_while(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = ws.uploads_dir / "photos" / ("a" * 32)
    half.mkdir(parents=True)
    drop_expired(ws)
    assert kept(ws) == [half.name]  # somebody may be at it just now
    later = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: later)
    drop_expired(ws)
    assert kept(ws) == []


def test_clearing_up_after_the_dead_leaves_uploads_alone(ws: Workspace) -> None:
    upload = keep_photo(ws, "a.png", a_photo())
    sweep(ws)
    assert uploaded_photo(ws, upload.id) == upload


def test_addresses_are_signed_the_same_all_day_and_expire(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_upload(ws, "a" * 32, 800)
    assert token == sign_upload(ws, "a" * 32, 800)
    assert open_upload_token(ws, token) == ("a" * 32, 800)
    assert open_upload_token(ws, token[:-1]) is None
    assert open_upload_token(ws, sign_photo(ws, 1, 2, 800)) is None
    with pytest.raises(UserError, match="not one of ours"):
        open_token(ws, token)  # nor the other way round
    in_days(monkeypatch, 2)
    with pytest.raises(UserError) as refused:
        open_upload_token(ws, token)
    assert str(refused.value) == "This photo address has expired. Reload the page."


def test_the_picture_for_browsers_is_asked_for_once(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = keep_photo(ws, "a.png", a_photo(size_wh_px=(300, 200)))
    asked = []

    def worker(_: Workspace, path: str, body: dict[str, object]) -> None:
        asked.append((path, json.dumps(body)))
        make_shown_photo(ws, upload.id, 150, read_photo(uploaded_file(ws, upload.id)))

    monkeypatch.setattr(uploads, "ask_worker", worker)
    first, second = (shown_photo(ws, upload.id, 150) for _ in range(2))
    assert first == second
    assert photo_size(first) == (150, 100)
    assert asked == [("/photo", json.dumps({"upload_id": upload.id, "max_side_px": 150}))]
    make_shown_photo(ws, upload.id, 1, read_photo(first))
    assert photo_size(first.with_name("64.jpg")) == (64, 43)  # not smaller
