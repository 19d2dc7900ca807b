"""Look through a dataset: its images, the persons on one, its runs."""

from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, ImageInfo, Person, RunInfo
from core.data.prediction import Prediction
from core.data.review import MAIN, Verdict
from db import datasets, people, runs, verdicts


def images_of(
    ws: Workspace, name: str, *, offset: int = 0, limit: int = 50, search: str = ""
) -> tuple[int, list[ImageInfo]]:
    """How many images there are, and one page of them in file order.

    Args:
        search: only images whose file name contains this.

    Raises:
        UserError: there is no such dataset.
    """
    dataset = datasets.find(ws.engine, name)
    return people.images(ws.engine, dataset.id, offset=offset, limit=limit, search=search)


def image_of(ws: Workspace, name: str, image_id: int) -> ImageInfo:
    """One image by the file's id.

    Raises:
        UserError: there is no such dataset or image.
    """
    return people.image(ws.engine, datasets.find(ws.engine, name).id, image_id)


def image_with(ws: Workspace, name: str, annotation_id: int) -> ImageInfo:
    """The image a person is on.

    Raises:
        UserError: there is no such dataset or annotation.
    """
    dataset_id = datasets.find(ws.engine, name).id
    image_id = people.image_of_annotation(ws.engine, dataset_id, annotation_id)
    return people.image(ws.engine, dataset_id, image_id)


def people_on(
    ws: Workspace, name: str, image_id: int, *, label_set: str = MAIN, run: str | None = None
) -> list[Person]:
    """Every annotation of an image with its labels as given and as they are now.

    Args:
        run: whose predictions to add; none without it.

    Raises:
        UserError: there is no such dataset or run. An image that is none has nobody on it.
    """
    dataset_id = datasets.find(ws.engine, name).id
    return people.people(ws.engine, dataset_id, image_id, label_set=label_set, run=run)


def found_on(ws: Workspace, name: str, image_id: int, *, run: str) -> list[Prediction]:
    """Whom a run found on an image who is nobody annotated, the surest first.

    Raises:
        UserError: there is no such dataset or run.
    """
    dataset_id = datasets.find(ws.engine, name).id
    found = runs.predictions_of_image(ws.engine, dataset_id, image_id, run)
    return sorted((each for each in found if each.of_annotation is None), key=lambda p: p.index)


def runs_of(ws: Workspace, name: str) -> list[RunInfo]:
    """Every finished run of a dataset, the latest first.

    Raises:
        UserError: there is no such dataset.
    """
    return runs_on(ws, datasets.find(ws.engine, name))


def runs_on(ws: Workspace, dataset: DatasetInfo) -> list[RunInfo]:
    """`runs_of` a dataset in hand, whatever it is called by now; none where it was deleted."""
    return runs.list_runs(ws.engine, dataset.id)


def is_still_there(ws: Workspace, name: str, dataset_id: int, *, run: str | None) -> bool:
    """Whether the dataset of this name is the one of this id, and has the run."""
    known = {dataset.name: dataset for dataset in datasets.list_all(ws.engine)}
    if name not in known or known[name].id != dataset_id:
        return False
    return run is None or run in {each.name for each in runs_on(ws, known[name])}


def label_sets_of(ws: Workspace, name: str) -> list[str]:
    """The label sets that hold a verdict, `main` first.

    Raises:
        UserError: there is no such dataset.
    """
    found = verdicts.label_sets(ws.engine, datasets.find(ws.engine, name).id)
    return [MAIN, *sorted(set(found) - {MAIN})]


def history_of(
    ws: Workspace, name: str, annotation_id: int, keypoint: int, *, label_set: str = MAIN
) -> list[Verdict]:
    """Every verdict on one keypoint, oldest first.

    Raises:
        UserError: there is no such dataset or annotation.
    """
    dataset_id = datasets.find(ws.engine, name).id
    return verdicts.history(ws.engine, dataset_id, annotation_id, keypoint, label_set=label_set)
