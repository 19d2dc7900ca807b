from pathlib import Path

import numpy as np
import pytest

from app.workflow.relabel import save_snapshot
from app.workflow.relabel_item import RelabelWindow, load_window, opinion_on, skeleton_of
from app.workflow.workspace import Workspace
from core.data.listing import RunInfo
from core.data.skeleton import Skeleton
from core.errors import UserError
from tests.app.ui.people import RUN, a_dataset, a_person, a_prediction
from tests.app.workflow.coco_files import a_person as an_annotation
from tests.app.workflow.coco_files import imported

NAMES = Skeleton(("nose", "left_eye", "right_eye"))


def window(ws: Workspace, annotation_id: int | None = None, **choice: object) -> RelabelWindow:
    found = load_window(ws, "val", annotation_id, **choice)  # type: ignore[arg-type]
    assert found is not None
    return found


def shown(found: RelabelWindow) -> list[int]:
    return [item.person.annotation_id for item in found.items]


def review(ws: Workspace, annotation_id: int) -> None:
    edits = [{"keypoint": k, "base_revision": 0, "kind": "keep", "v": 0} for k in range(4)]
    snapshot = {"dataset": "val", "item": annotation_id, "seq": 1, "step": "s", "edits": edits}
    save_snapshot(ws, "val", snapshot, annotator="Zoë")


def test_the_queue_starts_with_the_first_person_and_loads_the_next_two(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path, images=4)
    found = window(ws)
    assert (found.current, found.order, shown(found)) == (101, (101, 102, 103), [101, 102, 103])
    item = found.items[0]
    assert (item.image.id, item.skeleton.names[0], item.opinion) == (1, "nose", None)


def test_the_person_before_comes_along(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=4)
    assert window(ws, 104).order == (103, 104)


def test_everybody_on_the_photo_comes_along(ws: Workspace, tmp_path: Path) -> None:
    people = [an_annotation(n, 1) for n in (5, 6, 7, 8)]
    imported(ws, tmp_path, annotations=people)
    found = window(ws, 6)
    assert (found.order, shown(found)) == ((5, 6, 7, 8), [5, 6, 7, 8])
    assert [person.annotation_id for person in found.items[0].people] == [5, 6, 7, 8]


def test_reviewed_people_are_passed_over_but_one_can_go_back(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=4)
    review(ws, 101)
    review(ws, 103)
    assert window(ws, reviewed=False).order == (101, 102, 104)
    assert window(ws, reviewed=False).current == 102
    assert window(ws, reviewed=True).order == (101, 103)


def test_an_empty_queue_is_none(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    assert load_window(ws, "val", None, reviewed=True) is None


def test_an_unknown_person_is_said_to_be_missing(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no annotation 9 in this dataset"):
        load_window(ws, "val", 9)


def test_an_unknown_run_is_refused(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no run 'nothing' of 'val'. There are: none."):
        load_window(ws, "val", None, run="nothing")


def test_an_opinion_is_mapped_by_name_and_nan_where_the_run_does_not_know() -> None:
    opinion = opinion_on(a_prediction(), NAMES, RUN)
    assert opinion is not None
    assert opinion.run == "tiny-1"
    np.testing.assert_array_equal(
        opinion.xy_image_px, np.array([[10, 22], [np.nan] * 2, [12.004, 21]], np.float32)
    )
    np.testing.assert_array_equal(
        opinion.p, np.array([[0.05, 0.15, 0.8], [np.nan] * 3, [0.7, 0.2, 0.1]], np.float32)
    )


def test_presence_and_visible_apart_make_three_probabilities() -> None:
    said = {"presence": np.array([0.75, 0.5], np.float32), "visible": np.array([0.5, 0.625])}
    opinion = opinion_on(a_prediction(vis3=None, **said), NAMES, RUN)
    assert opinion is not None
    np.testing.assert_array_equal(opinion.p[[2, 0]], [[0.25, 0.25, 0.5], [0.5, 0, 0.5]])


def test_a_model_without_flags_still_says_where() -> None:
    opinion = opinion_on(a_prediction(vis3=None), NAMES, RUN)
    assert opinion is not None
    assert np.isnan(opinion.p).all()
    assert np.isfinite(opinion.xy_image_px[0]).all()


@pytest.mark.parametrize("run", [None, RUN])
def test_without_prediction_run_or_names_there_is_no_opinion(run: RunInfo | None) -> None:
    made_up = Skeleton(NAMES.names, named=False)
    assert opinion_on(None, NAMES, run) is None
    assert opinion_on(a_prediction(), made_up, run) is None
    assert opinion_on(a_prediction(), NAMES, None) is None


def test_a_person_of_an_unknown_category_has_numbered_keypoints() -> None:
    assert skeleton_of(a_dataset(category_id=9), a_person()).names == (
        "keypoint 1",
        "keypoint 2",
        "keypoint 3",
    )
    assert skeleton_of(a_dataset(), a_person()).edges == ((0, 1),)
