"""What a training learns from and begins with: made or copied into its folder once, then kept."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.workflow.export import export_bytes
from app.workflow.models import list_models, model_folder
from app.workflow.photo_folder import photos_beside
from app.workflow.train_settings import Asked
from app.workflow.workspace import Workspace
from core.data.coco_json import read_coco
from core.data.progress import Cancelled
from core.data.skeleton import Skeleton
from core.data.whole_file import words_for_disk_errors, write_whole
from core.errors import UserError
from core.models.checkpoint_config import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    CheckpointConfig,
    read_config,
    weights_file,
)
from core.models.config_bounds import model_problems
from core.models.hub_folder import WEIGHTS_FILE as HUB_WEIGHTS
from core.models.model_config import ModelConfig
from core.training.begun_model import begun_model
from core.training.config import TrainConfig
from core.training.sources import (
    TrainingData,
    is_three_way,
    own_set,
    own_skeleton,
    public_sets,
)
from db import datasets

LABELS_FILE = "labels.json"


@dataclass(frozen=True)
class Found:
    """What to learn from.

    Attributes:
        skeleton: of one's own dataset; None for the public sets.
        remarks: what people should know of it.
    """

    data: TrainingData
    skeleton: Skeleton | None = None
    remarks: tuple[str, ...] = ()


def absolute(ws: Workspace, asked: Asked) -> Asked:
    """The same with whole paths, so that it means one thing wherever it is said.

    Raises:
        UserError: there is no such dataset, file, folder or model.
    """
    data, start = asked.data, asked.start
    if data is not None and not _is_dataset(ws, data):
        data = str(_file(ws, data).resolve())
    if start is not None and start not in {card.name for card in list_models(ws)}:
        start = str((_backbone_file(start) or model_folder(ws, start)).resolve())
    images, sets = _folder(asked.images, "images"), _folder(asked.sets, "sets")
    return replace(asked, data=data, start=start, images=images, sets=sets)


def _backbone_file(start: str) -> Path | None:
    """A file of weights, or that of a folder laid out as on the Hub; None for all else."""
    if Path(start).is_file():
        return Path(start)
    of_hub = Path(start) / HUB_WEIGHTS
    is_ours = (Path(start) / WEIGHTS_FILE).exists()
    return of_hub if of_hub.is_file() and not is_ours else None


def _file(ws: Workspace, data: str) -> Path:
    if not Path(data).is_file():
        known = ", ".join(d.name for d in datasets.list_all(ws.engine)) or "none"
        raise UserError(
            f"There is no dataset and no file {data!r}.", remedy=f"Known datasets: {known}."
        )
    return Path(data)


def _folder(folder: str | None, option: str) -> str | None:
    if folder is not None and not Path(folder).is_dir():
        raise UserError("There is no such folder.", where=folder, remedy=f"Check --{option}.")
    return None if folder is None else str(Path(folder).resolve())


def own_data(ws: Workspace, asked: Asked, run: Path) -> Found:
    """One's own dataset with its current labels as they were when the training began, or a file.

    Raises:
        UserError: it has no photos, or nothing to learn from.
    """
    assert asked.data is not None
    remarks: tuple[str, ...] = ()
    if _is_dataset(ws, asked.data):
        dataset = datasets.find(ws.engine, asked.data)
        file, images, what = run / LABELS_FILE, dataset.images_dir, f"dataset {dataset.name}"
        remarks = _keep_labels(ws, dataset.name, file)
    else:
        file, what = _file(ws, asked.data), Path(asked.data).name
        images = Path(asked.images) if asked.images else photos_beside(file)
    if images is None:
        raise UserError(
            f"It is not known where the photos of {what} are.",
            remedy="Say --images DIR with a file, or `move-photos` for a dataset.",
        )
    labelled = read_coco(file)
    if not is_three_way(labelled):
        remarks += (
            f"No keypoint of {what} is hidden (flag 1), so its flags 0 are taken for "
            '"nobody looked" and teach nothing.',
        )
    return Found(own_set(labelled, file, images, what), own_skeleton(labelled), remarks)


def sets_data(
    asked: Asked, stages: Sequence[TrainConfig], run: Path, cancelled: Cancelled
) -> Found:
    """The public sets, with people drawn for this training.

    Raises:
        UserError: the sets are not complete, or the disk is full.
        Cancelled: the caller asked to stop.
    """
    assert asked.sets is not None
    public_sets(Path(asked.sets), None)  # says what is missing before anything is drawn
    wanted = {(s.sets.drawn_pictures, s.sets.drawn_seed) for s in stages if s.sets.drawn_pictures}
    assert len(wanted) <= 1
    drawn = _drawn(run / "drawn", *wanted.pop(), cancelled) if wanted else None
    return Found(public_sets(Path(asked.sets), drawn))


def kept_start(ws: Workspace, start: str, run: Path) -> Path:
    """A copy of what to begin with, so that what happens to it later changes nothing.

    Returns:
        The folder of a checkpoint, or the file of a public backbone.

    Raises:
        UserError: there is no such model, or it has no weights.
    """
    kept = run / "start"
    if kept.is_dir():
        return kept if (kept / CONFIG_FILE).is_file() else next(kept.iterdir())
    if Path(start).is_file():
        with _made_whole(kept) as half:
            shutil.copyfile(start, half / Path(start).name)
        return kept / Path(start).name
    folder = model_folder(ws, start)
    weights = weights_file(folder, read_config(folder))
    if weights is None:
        raise UserError(f"{WEIGHTS_FILE} is missing.", where=str(folder))
    with _made_whole(kept) as half:
        shutil.copyfile(folder / CONFIG_FILE, half / CONFIG_FILE)
        shutil.copyfile(weights, half / WEIGHTS_FILE)
    return kept


def fitted(
    stages: Sequence[TrainConfig], start: Path | None, found: Found
) -> tuple[TrainConfig, ...]:
    """The stages for the network that is begun with, else for the keypoints of the data.

    A backbone alone knows no keypoints.

    Raises:
        UserError: the start stands on another base than the recipe's network, or knows none of
            the keypoints; or no network can have these.
    """
    began = read_config(start) if start is not None and start.is_dir() else None
    return tuple(replace(stage, model=_model(stage.model, began, found)) for stage in stages)


def _model(model: ModelConfig, began: CheckpointConfig | None, found: Found) -> ModelConfig:
    if began is not None:
        model = begun_model(model, began.model, name=began.name)
        if found.skeleton and not set(found.skeleton.names) & set(model.keypoint_names):
            raise UserError(
                f"Model {began.name} knows none of these keypoints: "
                f"{', '.join(found.skeleton.names[:10])}.",
                remedy="Leave --start out to train a network for them.",
            )
    elif found.skeleton is not None:
        model = replace(model, keypoint_names=found.skeleton.names, edges=found.skeleton.edges)
        if problems := list(model_problems(model)):
            raise UserError("No network can have these keypoints.", problems=problems)
    return model


def _is_dataset(ws: Workspace, name: str) -> bool:
    return any(dataset.name == name for dataset in datasets.list_all(ws.engine))


def _keep_labels(ws: Workspace, name: str, file: Path) -> tuple[str, ...]:
    """Write the current labels once; later say whether they are others now."""
    content, _ = export_bytes(ws, name, verify=False)
    if not file.exists():
        write_whole(file, content)
    elif file.read_bytes() != content:
        return (
            f"The labels of {name} were changed since this training began; it goes on with those "
            "it began with. Choose another --out to learn from the new ones.",
        )
    return ()


def _drawn(folder: Path, count: int, seed: int, cancelled: Cancelled) -> Path:
    # Imported here: what draws loads textures, which no other verb needs.
    from core.data.drawn import write_drawn_dataset

    if not folder.is_dir():
        with _made_whole(folder) as half:
            write_drawn_dataset(
                half, count=count, seed=seed, planted_errors=None, cancelled=cancelled
            )
    return folder


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name when the block ends without an error."""
    half = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(half, ignore_errors=True)
    try:
        with words_for_disk_errors(folder):
            half.mkdir(parents=True)
            yield half
            half.replace(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
