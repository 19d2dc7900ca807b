"""The sample set: drawn people with exact labels, some of them spoilt on purpose."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.workflow.claims import hold
from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.progress import Cancelled, OnProgress, ignore, never
from core.data.whole_file import words_for_disk_errors
from db import datasets

NAME = "sample"
COUNT, SEED = 60, 2  # pictures
DRAWN = 0.8  # share of the bar


@dataclass(frozen=True)
class SampleReport:
    """What became of the wish for a sample set; `dataset` is None where others made it needless."""

    dataset: DatasetInfo | None
    in_words: str


def add_sample(
    ws: Workspace,
    *,
    only_if_empty: bool = False,
    on_progress: OnProgress = ignore,
    cancelled: Cancelled = never,
) -> SampleReport:
    """Draw the sample set and import it, unless it is there.

    Args:
        only_if_empty: leave a workspace alone that has any dataset.

    Raises:
        UserError: the disk is full.
        Cancelled: the caller asked to stop.
    """
    with hold(ws, "sample"):
        there = datasets.list_all(ws.engine)
        known = next((dataset for dataset in there if dataset.name == NAME), None)
        if known is not None:
            return SampleReport(known, f'The sample set is there already, as dataset "{NAME}".')
        if there and only_if_empty:
            return SampleReport(None, "There are datasets already; no sample set was made.")
        json_file, images_dir = _drawn(
            ws, on_progress=lambda fraction: on_progress(DRAWN * fraction), cancelled=cancelled
        )
        dataset = import_dataset(
            ws,
            NAME,
            json_file,
            images_dir=images_dir,
            on_progress=lambda fraction: on_progress(DRAWN + (1 - DRAWN) * fraction),
            cancelled=cancelled,
        )
    return SampleReport(
        dataset,
        f"Imported {dataset.num_images} drawn pictures with {dataset.num_annotations} persons as "
        f'dataset "{NAME}"; some labels are wrong on purpose.',
    )


def _drawn(ws: Workspace, *, on_progress: OnProgress, cancelled: Cancelled) -> tuple[Path, Path]:
    """The JSON and the photo folder of the drawn set; drawn unless it is there whole."""
    # Imported here: what draws loads textures, which no other verb needs.
    from core.data.drawn import CAREFUL, write_drawn_dataset
    from core.data.drawn.dataset_writer import IMAGES_NAME, JSON_NAME

    folder = ws.data_dir / "samples" / f"drawn-{COUNT}-{SEED}"
    if not folder.is_dir():
        half = folder.with_name(f"{folder.name}.tmp")
        shutil.rmtree(half, ignore_errors=True)
        try:
            with words_for_disk_errors(half):
                write_drawn_dataset(
                    half,
                    count=COUNT,
                    seed=SEED,
                    planted_errors=CAREFUL,
                    on_progress=on_progress,
                    cancelled=cancelled,
                )
                half.replace(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return folder / JSON_NAME, folder / IMAGES_NAME
