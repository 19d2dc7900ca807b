import os
import time
from io import BytesIO

import pytest

from app.ui.uploads import KEPT_S, kept_upload
from app.ui.workspace import the_workspace


def an_upload(name, content=b"PK"):
    upload = BytesIO(content)
    upload.name = name
    return upload


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("photos.zip", "photos.zip"),
        ("../../etc/passwd", "passwd"),
        ("--images.zip", "images.zip"),
        ("a\nb?.json", "a_b_.json"),
        ("...", "upload"),
    ],
)
def test_an_upload_is_kept_under_a_harmless_name(name, kept):
    path = kept_upload(the_workspace(), an_upload(name))
    assert (path.name, path.read_bytes()) == (kept, b"PK")
    assert path.is_relative_to(the_workspace().data_dir / "received")


def test_uploads_of_yesterday_are_removed():
    old = kept_upload(the_workspace(), an_upload("old.zip"))
    yesterday = time.time() - KEPT_S - 60
    os.utime(old.parent, (yesterday, yesterday))
    new = kept_upload(the_workspace(), an_upload("new.zip"))
    assert (old.exists(), new.exists()) == (False, True)
