"""A dataset of drawn people that takes a model some seconds, and the rows of its runs."""

import json
from pathlib import Path

from sqlalchemy import select

from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.data.drawn import write_drawn_dataset
from db.session import read
from db.tables import PredictionRow

MODEL = "metamodel_tiny"
PHOTOS, PER_PHOTO = 12, 25


def a_crowd(ws: Workspace, folder: Path, *, per_photo: int = PER_PHOTO) -> int:
    """Import drawn photos, each with so many annotations, as `crowd`; gives how many persons."""
    drawn = write_drawn_dataset(folder / "drawn", count=PHOTOS, seed=3, planted_errors=None)
    coco = json.loads(drawn.json_file.read_text())
    by_photo = {image["id"]: [] for image in coco["images"]}
    for annotation in coco["annotations"]:
        by_photo[annotation["image_id"]].append(annotation)
    people = [
        annotations[n % len(annotations)] | {"id": 1000 * image_id + n}
        for image_id, annotations in by_photo.items()
        for n in range(per_photo if annotations else 0)
    ]
    file = folder / "crowd.json"
    file.write_text(json.dumps(coco | {"annotations": people}))
    import_dataset(ws, "crowd", file, images_dir=drawn.images_dir)
    return len(people)


def rows(ws: Workspace) -> list[tuple[int, int, int | None]]:
    """(image, place on it, annotation) of every prediction, of whatever run."""
    columns = PredictionRow.image_id, PredictionRow.person_index, PredictionRow.annotation_id
    with read(ws.engine) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]
