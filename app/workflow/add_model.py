"""Add a model that others made: a file of weights, a folder, or a name of the Hub."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.workflow.catalogue import Listed, list_everything
from app.workflow.claims import ADDING, hold
from app.workflow.hub import fetch, is_hub_name
from app.workflow.model_sources import FILL, AddAsked, Source, kind_of
from app.workflow.models import checkpoints_dir, detectors_dir, list_models
from app.workflow.names import checked_name
from app.workflow.workspace import Workspace
from core.data.whole_file import words_for_disk_errors
from core.errors import UserError
from core.models.checkpoint_config import read_config
from core.models.codecs.config import GridConfig, HeatmapConfig
from core.models.detector_cards import KNOWN_DETECTORS
from core.models.model_config import ModelConfig
from core.models.vitpose.sizes import VITPOSES

_HUB_NAMES = {each.hub: name for name, each in VITPOSES.items() if each.hub} | {
    each.hub: name for name, each in KNOWN_DETECTORS.items()
}


@dataclass(frozen=True)
class Added:
    """What became of it.

    Attributes:
        listed: as lists show it now.
        lines: the layout, what became of its weights, and the preprocessing that goes with it.
    """

    listed: Listed
    lines: tuple[str, ...]


def add_model(ws: Workspace, asked: AddAsked) -> Added:
    """Make a model or a detector of the data directory; nothing is left of one that is refused.

    Raises:
        UserError: no such file, folder or name; no layout that is known; weights that do not make
            a whole network; a name that is taken or none.
    """
    source = _found(asked)
    kind = kind_of(source.path)
    into = detectors_dir(ws) if kind == "detector" else checkpoints_dir(ws)
    name = _name(ws, asked, source)
    with _new_folder(ws, into / name) as folder:
        try:
            lines = FILL[kind](source, asked, name, folder)
        except UserError as error:  # of the copy, which goes away now
            where = error.where.replace(str(folder), str(source.path))
            raise UserError(
                error.what, where=where, remedy=error.remedy, problems=error.problems
            ) from error
    if kind != "detector":
        lines += tuple(preprocessing(read_config(into / name).model))
    listed = next(each for each in list_everything(ws) if each.folder == into / name)
    return Added(listed, lines)


def preprocessing(model: ModelConfig) -> list[str]:
    """What is done with a photo before and after the network, in words."""
    width, height = model.crop_size_wh_px
    names = model.keypoint_names
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    mean, std = (", ".join(f"{n:.4g}" for n in each) for each in (model.mean, model.std))
    seen = (
        f"Looks at whole pictures in {width} x {height} pixels"
        if isinstance(model.codec, GridConfig)
        else f"Looks at crops of {width} x {height} pixels, {model.padding:g} x the box"
    )
    reading = model.codec.refine if isinstance(model.codec, HeatmapConfig) else model.codec.kind
    return [
        f"{seen}, as {model.channel_order}; mean {mean}; deviation {std}.",
        f"Crops and maps lie on each other as {model.alignment}; places are read by {reading}.",
        f"{len(names)} keypoints: {shown}.",
    ]


def _found(asked: AddAsked) -> Source:
    path = Path(asked.source)
    if path.exists():
        return Source(path, path.name or str(path), "")
    if not is_hub_name(asked.source):
        hub = next((repo for repo, name in _HUB_NAMES.items() if name == asked.source), "")
        raise UserError(
            f"There is no file or folder {asked.source}.",
            remedy=f"`add-model {hub}` gets the one of that name from the Hub."
            if hub
            else "A model of the Hub is named as there: owner/model.",
        )
    try:
        fetched = fetch(asked.source)
    except UserError as error:
        raise UserError(
            f"There is no file or folder {asked.source} here. {error.what}",
            where=error.where,
            remedy=error.remedy,
            problems=error.problems,
        ) from error
    return Source(fetched.folder, fetched.source, fetched.licence)


def _name(ws: Workspace, asked: AddAsked, source: Source) -> str:
    """How it is to be called, which is its folder's name as well.

    Raises:
        UserError: it is taken, or cannot be the name of a folder.
    """
    name = checked_name(asked.name or _usual_name(asked.source, source.path), what="model")
    if name.startswith(".") or "/" in name or "\\" in name:
        raise UserError(
            f"{name!r} cannot be the name of a folder.", remedy="Choose another one with --as."
        )
    taken = {card.name for card in list_models(ws)}
    places = (checkpoints_dir(ws) / name, detectors_dir(ws) / name)
    if name in taken or any(place.exists() for place in places):
        raise UserError(
            f"There is a model called {name!r} already.", remedy="Choose another one with --as."
        )
    return name


def _usual_name(asked: str, path: Path) -> str:
    if path.is_file():
        return path.stem
    repo = asked.partition("@")[0]
    return _HUB_NAMES.get(repo) or Path(repo).resolve().name


@contextmanager
def _new_folder(ws: Workspace, place: Path) -> Iterator[Path]:
    """A folder that takes its place when the block ends without an error."""
    claim = f"{ADDING}-{uuid.uuid4().hex}"
    with hold(ws, claim):
        folder = ws.data_dir / ADDING / claim
        try:
            with words_for_disk_errors(folder):
                folder.mkdir(parents=True)
                yield folder
                place.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(place)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
