"""The workspace of the web process, opened once and shared by pages and routes."""

import threading
from functools import lru_cache

from app.settings import Settings
from app.workflow.workspace import Workspace, open_workspace

_OPENING = threading.Lock()


def the_workspace() -> Workspace:
    """Data directory and database as the environment names them.

    Raises:
        UserError: the folder cannot be written, or the database is of another version.
    """
    with _OPENING:
        return _opened(Settings())


@lru_cache(maxsize=8)
def _opened(settings: Settings) -> Workspace:
    return open_workspace(settings)
