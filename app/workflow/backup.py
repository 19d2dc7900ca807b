"""Backup: one zip with a consistent copy of the database and every imported file."""

import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.workflow.claims import BACKUP_FOLDER, SINGLE_PHOTOS, SWEEP, hold
from app.workflow.workspace import Workspace
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.whole_file import written_whole
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from db.failures import in_words

PAGES_AT_ONCE = 4096  # of the database, between two looks at the wish to stop
KEPT = ("sources", "uploads", "checkpoints", "samples")  # folders that cannot be made again
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class BackupReport:
    """Where the backup is and what is in it."""

    out: Path
    num_bytes: int
    num_files: int


def backup(
    ws: Workspace, out: Path, *, on_progress: OnProgress = ignore, cancelled: Cancelled = never
) -> BackupReport:
    """Write `out`, a zip that unpacks to a data directory; others may work on meanwhile.

    Photos in folders of your own and resized ones are not in it; they are not ours, or can be
    made again. Nor are photos uploaded one by one, which are to be gone after a week. The secret
    is not in it either: photo addresses are signed anew.

    Raises:
        UserError: the database is not SQLite, or `out` cannot be written; nothing stays.
        Cancelled: the caller asked to stop; nothing stays.
    """
    if ws.engine.dialect.name != "sqlite":
        raise UserError(
            "This database is a Postgres server, which this verb does not copy.",
            remedy=f"Use `pg_dump` for it and copy {ws.data_dir} beside it.",
        )
    if out.resolve().is_relative_to(ws.data_dir.resolve()):
        raise UserError(
            "A backup inside the data directory is lost with it.",
            where=str(out),
            remedy="Choose another folder, best on another disk.",
        )
    files = 0
    with (
        hold(ws, SWEEP),  # nothing is cleared away while it is copied
        _database_copy(ws, cancelled) as database,
        written_whole(out) as whole,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        wanted = [(database, "halfseen.db"), *_kept_files(ws)]
        total = max(1, sum(path.stat().st_size for path, _ in wanted))
        done = 0
        for path, name in wanted:
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as packed:
                while chunk := source.read(CHUNK_BYTES):
                    if cancelled():
                        raise CancelledError
                    packed.write(chunk)
                    done += len(chunk)
                    on_progress(min(1.0, done / total))
            files += 1
    return BackupReport(out, out.stat().st_size, files)


@contextmanager
def _database_copy(ws: Workspace, cancelled: Cancelled) -> Iterator[Path]:
    """The database as it is at one moment, whoever writes to it meanwhile."""

    def look(status: int, remaining: int, total: int) -> None:
        if cancelled():
            raise CancelledError

    database = ws.engine.url.database or ""
    with tempfile.TemporaryDirectory(prefix=BACKUP_FOLDER, dir=ws.data_dir) as folder:
        copy = Path(folder) / "halfseen.db"
        with (
            in_words(ws.engine),
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target, pages=PAGES_AT_ONCE, progress=look, sleep=0)
        yield copy


def _kept_files(ws: Workspace) -> list[tuple[Path, str]]:
    folders = [ws.data_dir / name for name in KEPT]
    return [
        (path, path.relative_to(ws.data_dir).as_posix())
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix != ".tmp"
        and not path.is_relative_to(ws.uploads_dir / SINGLE_PHOTOS)
    ]
