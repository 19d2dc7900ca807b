"""Train: a recipe on the public sets or on a dataset of one's own, into a checkpoint folder."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.workflow import jobs
from app.workflow.locks import LockTaken, locked
from app.workflow.names import checked_name
from app.workflow.train_data import absolute, fitted, kept_start, own_data, sets_data
from app.workflow.train_settings import Asked, forget_unbegun, settle
from app.workflow.workspace import Workspace
from core.data.progress import Cancelled, never
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from core.models.checkpoint_config import read_config
from core.training.config import RUN_DIR
from core.training.recipe import Recipe, stages_of
from core.training.recipes import RECIPES, find_recipe

if TYPE_CHECKING:
    from core.training.run import TrainingReport

OnWords = Callable[[float, str], None]  # fraction done, and what is at work
LONGEST_PART = 60  # of a dataset's name in the name of a folder


@dataclass(frozen=True)
class Trained:
    """What became of a training, and what people should know of it."""

    report: "TrainingReport"
    remarks: tuple[str, ...]


def list_recipes() -> list[tuple[str, Recipe]]:
    """Every recipe with its name."""
    return sorted(RECIPES.items())


def train(
    ws: Workspace,
    asked: Asked,
    *,
    out: Path | None = None,
    on_words: OnWords = lambda fraction, words: None,
    cancelled: Cancelled = never,
) -> Trained:
    """Train, or go on where the training in `out` stopped; `out` becomes a checkpoint folder.

    Args:
        out: a new folder, or one of a training before; in the data directory if not given.

    Raises:
        UserError: what was asked for does not fit together, somebody else trains in this folder,
            data or start cannot be used, the disk is full.
        Cancelled: the caller asked to stop; the state is kept, the words say how to go on.
    """
    recipe = find_recipe(asked.recipe)
    out = (out or _usual_out(ws, asked)).resolve()
    checked_name(out.name, what="model")
    try:
        with locked(ws.locks_dir / _lock_name(out), wait=False):
            try:
                return _train(ws, asked, recipe, out, on_words, cancelled)
            except UserError:
                forget_unbegun(out)
                raise
    except LockTaken:
        raise UserError(
            "A training is at work in this folder already.",
            where=str(out),
            remedy="Wait for it, or choose another --out.",
        ) from None
    except (CancelledError, KeyboardInterrupt):
        raise CancelledError(
            f"Stopped; the state is kept. To go on: python -m app train {asked.recipe} --out {out}"
        ) from None


def ask_training(ws: Workspace, asked: Asked, *, out: Path | None = None) -> str:
    """Have a worker train; gives the job's id.

    Raises:
        UserError: as `train`, as far as it can be told at once.
    """
    recipe = find_recipe(asked.recipe)
    out = (out or _usual_out(ws, asked)).resolve()
    checked_name(out.name, what="model")
    asked = settle(absolute(ws, asked), recipe, out)
    return jobs.ask_verb(ws, asked.as_words(out), title=f"Training {out.name} by {asked.recipe}")


def _train(
    ws: Workspace,
    asked: Asked,
    recipe: Recipe,
    out: Path,
    on_words: OnWords,
    cancelled: Cancelled,
) -> Trained:
    from core.training.export import About
    from core.training.run import Training

    asked = settle(absolute(ws, asked), recipe, out)
    on_words(0.0, "getting ready")
    run = out / RUN_DIR
    start = kept_start(ws, asked.start, run) if asked.start else None
    stages = stages_of(
        recipe,
        started=start is not None and start.is_dir(),
        epochs=asked.epochs,
        seed=asked.seed,
        threads=asked.threads,
    )
    found = own_data(ws, asked, run) if asked.data else sets_data(asked, stages, run, cancelled)
    began = read_config(start) if start is not None and start.is_dir() else None
    report = Training(
        fitted(stages, start, found),
        found.data,
        out,
        about=About(out.name, asked.recipe, asked.as_command(out), began),
        start=start,
        device=ws.settings.device,
        on_words=on_words,
        cancelled=cancelled,
    ).run()
    return Trained(report, found.remarks)


def _usual_out(ws: Workspace, asked: Asked) -> Path:
    """A folder for what is trained by this recipe on these data, where `models` looks."""
    if asked.data is None and asked.sets is None:
        raise UserError(
            "It is not said what to train on.",
            remedy="Say --data NAME, --data FILE, or --sets DIR for the folder of the public sets; "
            "or --out DIR to go on with a training.",
        )
    data = re.sub(r"[^\w-]+", "_", Path(asked.data).stem)[:LONGEST_PART] if asked.data else "sets"
    return ws.data_dir / "checkpoints" / f"{asked.recipe.replace('/', '_')}-{data}"


def _lock_name(out: Path) -> str:
    return f"train-{hashlib.sha256(os.fsencode(out)).hexdigest()[:16]}.lock"
