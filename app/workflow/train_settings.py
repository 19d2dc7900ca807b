"""What a training was asked for: kept in its folder, so that the same command goes on."""

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.data.whole_file import words_for_disk_errors, write_whole
from core.errors import UserError
from core.training.config import RUN_DIR, STATE_FILE, differences
from core.training.recipe import Recipe, stages_of

SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class Asked:
    """What was asked for; None and empty: not said, so what the run began with, or the usual.

    Attributes:
        recipe: a name of `RECIPES`.
        data: an imported dataset or a COCO keypoint file.
        images: the photo folder of a file.
        sets: the folder of the public sets.
        start: a model or a checkpoint folder whose weights to begin with, or the whole path of a
            file with a public backbone.
        epochs: of the first stage.
    """

    recipe: str
    data: str | None = None
    images: str | None = None
    sets: str | None = None
    start: str | None = None
    epochs: int | None = None
    seed: int | None = None
    threads: int | None = None

    def as_words(self, out: Path) -> list[str]:
        """The command line that asks for this, after `python -m app`."""
        words = ["train", self.recipe]
        for name, value in asdict(self).items():
            if name != "recipe" and value is not None:
                words += [f"--{name}", str(value)]
        return [*words, "--out", str(out)]

    def as_command(self, out: Path) -> str:
        """The same to read and copy."""
        return shlex.join(["python", "-m", "app", *self.as_words(out)])


def settle(asked: Asked, recipe: Recipe, out: Path) -> Asked:
    """Begin a run in `out` or go on with the one there; gives everything settled.

    Raises:
        UserError: the folder holds something else, or a run with other settings; or it is not
            said what to train on.
    """
    file = out / RUN_DIR / SETTINGS_FILE
    before = _read(file, out)
    if before is None:
        settled = _with_the_usual(asked, recipe)
        with words_for_disk_errors(out):
            file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(asdict(settled), indent=1).encode())
        return settled
    said = {name: value for name, value in asdict(asked).items() if value is not None}
    problems = differences({name: before[name] for name in said}, said)
    if problems:
        raise UserError(
            "The training in this folder was begun with other settings.",
            where=str(out),
            remedy="Leave them out to go on with it, or choose another --out.",
            problems=problems,
        )
    return Asked(**before)


def forget_unbegun(out: Path) -> None:
    """Take away what a run left that was refused before its first state.

    So a command that was put right is not refused for differing from the one before.
    """
    run = out / RUN_DIR
    if (run / SETTINGS_FILE).is_file() and not any(run.glob(f"*/{STATE_FILE}")):
        shutil.rmtree(run, ignore_errors=True)
        with suppress(OSError):  # others may keep something in it
            out.rmdir()


def _with_the_usual(asked: Asked, recipe: Recipe) -> Asked:
    if asked.data is None and asked.sets is None:
        raise UserError(
            "It is not said what to train on.",
            remedy="Say --data NAME, --data FILE, or --sets DIR for the folder of the public sets.",
        )
    if asked.data is not None and asked.sets is not None:
        raise UserError("A training learns from --data or from --sets, not from both.")
    # A file is a backbone alone; models are names and folders.
    posed = asked.start is not None and not Path(asked.start).is_file()
    if recipe.needs_start and not posed:
        raise UserError(
            f"Recipe {asked.recipe} goes on from trained weights.",
            remedy="Say which with --start, e.g. --start metamodel_tiny.",
        )
    loop = stages_of(recipe, started=posed)[0].loop
    # Half the cores: views are made beside, and threads that wait for a busy core only spin.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return replace(
        asked,
        epochs=loop.epochs if asked.epochs is None else asked.epochs,
        seed=loop.seed if asked.seed is None else asked.seed,
        threads=max(1, (cores or 1) // 2) if asked.threads is None else asked.threads,
    )


def _read(file: Path, out: Path) -> Mapping[str, Any] | None:
    """The settings of the run in a folder; None where there is none and one may begin."""
    try:
        if not file.exists() and out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UserError(
                "This folder holds something else than a training."
                if out.is_dir()
                else "This is a file, not a folder.",
                where=str(out),
                remedy="Choose another --out; an empty or a new folder will do.",
            )
        if not file.exists():
            return None
        found = json.loads(file.read_bytes())
        if not isinstance(found, dict) or set(found) != set(Asked.__dataclass_fields__):
            raise ValueError("not our fields")
    except (OSError, ValueError) as error:
        raise UserError(
            "The settings of this training cannot be read.",
            where=str(file),
            remedy="Choose another --out to begin afresh.",
        ) from error
    return found
