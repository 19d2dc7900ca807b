"""What every verb shares: opening the workspace, progress, cancelling, and saying what was done."""

import dataclasses
import getpass
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from app.settings import Settings
from app.workflow.claims import sweep
from app.workflow.task_progress import TaskProgress
from app.workflow.workspace import Workspace, open_workspace
from core.data.progress import Cancelled, OnProgress
from core.errors import UserError

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DatasetName = Annotated[str, typer.Argument(metavar="NAME", help="The dataset.")]


class Frame:
    """One call of the command line.

    Attributes:
        task: where to tell progress to, when run in the background; None at a terminal.
        said: the last sentence said, which a background task ends with.
    """

    def __init__(self) -> None:
        self.task: TaskProgress | None = None
        self.said = ""
        self._opened: Workspace | None = None
        self._rename: Callable[[str], None] = lambda title: None

    def open(self, how: Callable[[], Workspace] = open_workspace) -> Workspace:
        """The workspace, cleared of what died half made."""
        self._opened = how()
        sweep(self._opened)
        return self._opened

    def close(self) -> None:
        """Let go of the database."""
        if self._opened is not None:
            self._opened.close()

    @contextmanager
    def working(self, title: str) -> Iterator[tuple[OnProgress, Cancelled]]:
        """Show progress and turn Ctrl+C and SIGTERM into a wish to stop, while inside."""
        stop = threading.Event()
        with _stop_signals(stop), _bar(title) as (show, self._rename):

            def on_progress(fraction: float) -> None:
                show(fraction)
                if self.task is not None:
                    self.task(fraction)

            yield on_progress, stop.is_set

    def rename(self, title: str) -> None:
        """Say on the bar what is being done now."""
        self._rename(title)

    def say(self, text: str, value: object = None, *, as_json: bool = False) -> None:
        """Print what was done: in words, or as JSON for machines."""
        self.said = text
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2) if as_json else text)

    def remark(self, text: str) -> None:
        """Print what people should know and machines should not stumble over."""
        typer.echo(text, err=True)


def frame_of(ctx: typer.Context) -> Frame:
    """The frame of this call."""
    frame = ctx.obj
    assert isinstance(frame, Frame)
    return frame


def plain(value: Any) -> Any:
    """Dataclasses, paths, dates and enums as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def counted(number: int, what: str) -> str:
    """A number of things: 1 label, 2 labels."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns, numbers to the right; nothing is cut, so that it can be searched."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max(len(title), *(len(row[n]) for row in cells)) if cells else len(title)
        for n, title in enumerate(header)
    ]
    right = [
        bool(rows) and all(isinstance(row[n], int) for row in rows) for n in range(len(header))
    ]
    lines = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in (list(header), *cells)
    ]
    return "\n".join(lines)


def annotator_name(settings: Settings, given: str | None) -> str:
    """Who gives verdicts at the command line: --annotator, the setting, else the login name.

    Raises:
        UserError: none of the three says.
    """
    if given or settings.annotator:
        return given or settings.annotator
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UserError(
            "It is not known who gives these verdicts.",
            remedy="Say --annotator NAME or set HALFSEEN_ANNOTATOR.",
        ) from error


@contextmanager
def _stop_signals(stop: threading.Event) -> Iterator[None]:
    def wish(number: int, frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt  # asked twice: do not wait for the next look at the wish
        stop.set()
        if sys.stderr.isatty():
            sys.stderr.write("\nStopping and clearing up …\n")

    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(title: str) -> Iterator[tuple[OnProgress, Callable[[str], None]]]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(title, total=1.0)
        yield (
            lambda fraction: bar.update(task, completed=fraction),
            lambda words: bar.update(task, description=escape(words)),
        )
