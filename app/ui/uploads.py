"""Uploaded files, taken out of the session's memory at once and kept until their import ended."""

import re
import shutil
import time
import uuid
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.workflow.workspace import Workspace

KEPT_S = 24 * 3600
_ODD = re.compile(r"[^\w.\- ]+")


def kept_upload(ws: Workspace, upload: UploadedFile) -> Path:
    """Write an upload to the data directory; those older than a day are removed."""
    received = ws.data_dir / "received"
    _forget_old(received)
    folder = received / uuid.uuid4().hex
    folder.mkdir(parents=True)
    # Only the last part of what the browser called it, and never a hidden or option-like name.
    path = folder / (_ODD.sub("_", Path(upload.name).name).lstrip(".-")[-100:] or "upload")
    with path.open("wb") as out:
        shutil.copyfileobj(upload, out)
    return path


def _forget_old(received: Path) -> None:
    if not received.is_dir():
        return
    for folder in received.iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
