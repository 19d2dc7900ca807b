"""Datasets with everything odd about people, runs over them, and verdicts, all by chance."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.workflow.import_dataset import import_dataset
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo
from core.data.prediction import Prediction
from core.data.review import Edit, VerdictKind
from core.data.visibility import Visibility
from db import people, runs, verdicts
from tests.app.workflow.coco_files import NAMES, a_file, a_person

RUN_NAMES = ("left_ear", "nose", "left_wrist", "tail")  # some of each skeleton, and one of none


def a_run(
    ws: Workspace,
    dataset: DatasetInfo,
    said: Mapping[int, Sequence[Sequence[float]]],
    *,
    name: str = "tiny-1",
    names: Sequence[str] = NAMES,
) -> None:
    """A finished run: p(v = 0, 1, 2) of each of its keypoints by annotation id."""
    run_id = runs.begin_run(
        ws.engine,
        dataset.id,
        model="tiny",
        checkpoint_sha256="0" * 64,
        keypoint_names=names,
        box_source="annotated",
    )
    predictions = [
        Prediction(
            image_id=people.image_of_annotation(ws.engine, dataset.id, annotation_id),
            annotation_id=annotation_id,
            index=index,
            box_xywh_px=np.array([5, 5, 30, 40], np.float32),
            xy_image_px=np.array([[30 + k, 9.25] for k in range(len(names))], np.float32),
            vis3=np.array(p, np.float32),
        )
        for index, (annotation_id, p) in enumerate(said.items())
    ]
    runs.insert_predictions(ws.engine, run_id, predictions)
    runs.finish_run(ws.engine, run_id, name)


def an_odd_dataset(
    ws: Workspace, folder: Path, rng: random.Random, *, name: str = "val"
) -> DatasetInfo:
    """Three skeletons (one without names), short and missing lists, crowds, people in any order."""
    images = [{"id": n, "file_name": f"{n}.png", "width": 64, "height": 48} for n in (9, 4, 7, 5)]
    categories = [
        {"id": 1, "name": "person", "keypoints": list(NAMES), "skeleton": [[1, 2]]},
        {"id": 2, "name": "dog", "keypoints": ["tail", "nose"], "skeleton": []},
        {"id": 3, "name": "thing"},
    ]
    annotations: list[dict[str, Any]] = []
    for annotation_id in rng.sample(range(100, 200), rng.randint(1, 14)):
        category = rng.choice([1, 1, 1, 2, 3])
        size = {1: 4, 2: 2, 3: 3}[category]
        flags = [rng.randrange(3) for _ in range(size)]
        person = a_person(annotation_id, rng.choice(images)["id"], v=flags, category_id=category)
        person["iscrowd"] = int(rng.random() < 0.15)
        if rng.random() < 0.15:
            del person["keypoints"], person["num_keypoints"]
        annotations.append(person)
    coco = {"images": images, "annotations": annotations, "categories": categories}
    return import_dataset(ws, name, a_file(folder, coco, name=f"{name}.json"))


def an_odd_run(ws: Workspace, dataset: DatasetInfo, rng: random.Random) -> None:
    """Over some of the people, with ties, and NaN where it says nothing."""
    everybody = [p for i in (9, 4, 7, 5) for p in people.people(ws.engine, dataset.id, i)]
    rows = [(0.1, 0.2, 0.7), (0.7, 0.2, 0.1), (0.3, 0.4, 0.3), (0, 1, 0), (np.nan,) * 3]
    said = {p.annotation_id: [rng.choice(rows) for _ in RUN_NAMES] for p in everybody}
    said = {id_: p for id_, p in said.items() if rng.random() < 0.8}
    a_run(ws, dataset, said, names=RUN_NAMES)


def some_verdicts(
    ws: Workspace, dataset: DatasetInfo, rng: random.Random, *, label_set: str, count: int
) -> None:
    """Decisions, doubts, undone and redone steps, on any keypoints."""
    for _ in range(count):
        everybody = [
            p
            for i in (9, 4, 7, 5)
            for p in people.people(ws.engine, dataset.id, i, label_set=label_set)
            if p.given
        ]
        if not everybody:
            return
        person = rng.choice(everybody)
        kind = rng.choice([*VerdictKind, VerdictKind.KEEP, VerdictKind.SET])
        edits = [
            Edit(
                person.annotation_id,
                k,
                person.revision[k],
                kind,
                type(label)(11, 12, rng.choice(list(Visibility))),
            )
            for k, label in enumerate(person.current)
            if rng.random() < 0.7
        ]
        if edits:
            verdicts.append(
                ws.engine,
                dataset.id,
                label_set,
                edits,
                annotator="ann",
                step=f"s{rng.randrange(10**9)}" if rng.random() < 0.5 else f"s{rng.randrange(4)}",
                undoes=f"s{rng.randrange(4)}",
            )
