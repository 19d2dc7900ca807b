"""Starts a real Postgres for the tests: the one of the pgserver wheel, else Debian's."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
NO_POSTGRES = (
    "needs a Postgres server to start: neither the pgserver package nor "
    "/usr/lib/postgresql/*/bin is here"
)


@contextmanager
def postgres_server() -> Iterator[str | None]:
    """The address of a running server, or None where none can be had.

    The processes of one test run share pgserver's.
    """
    try:
        with warnings.catch_warnings():  # it warns that XDG_RUNTIME_DIR is unset
            warnings.simplefilter("ignore")
            import pgserver
    except ImportError:
        programs = sorted(DEBIAN.glob("*/bin"))
        if not programs:
            yield None
            return
        with _debian_server(programs[-1]) as url:
            yield url
        return
    # Not in pytest's own folder: each start of pytest closes that to the server's user.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", os.getpid())
    folder = Path(tempfile.gettempdir()) / f"halfseen-postgres-{run}"
    server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@contextmanager
def _debian_server(programs: Path) -> Iterator[str]:
    # Postgres refuses to run as root; the path of its socket must stay short.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="halfseen-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *options: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *options],
            check=True,
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
        )

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-h '' -k {folder}", "start")
    yield f"postgresql://postgres@/postgres?host={folder}"
    run("pg_ctl", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)
