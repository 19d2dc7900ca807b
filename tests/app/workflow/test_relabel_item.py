from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.workflow.datasets import delete_dataset
from app.workflow.queue import Item, Queue, QueueProgress, Unit
from app.workflow.relabel_item import RelabelWindow, load_window, opinion_on, skeleton_of
from app.workflow.workspace import Workspace
from core.data.listing import RunInfo
from core.data.review import MAIN, Edit, VerdictKind
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.errors import UserError
from db import desks, people
from db.datasets import find
from db.verdicts import append
from tests.app.ui.people import RUN, a_dataset, a_person, a_prediction
from tests.app.workflow.coco_files import a_person as an_annotation
from tests.app.workflow.coco_files import imported
from tests.app.workflow.doubts import a_run

NAMES = Skeleton(("nose", "left_eye", "right_eye"))
EVERYBODY = Queue()


def window(
    ws: Workspace, at: int | Item | None = None, queue: Queue = EVERYBODY, **choice: object
) -> RelabelWindow:
    found = opened(ws, at, queue, **choice)
    assert found is not None
    return found


def opened(
    ws: Workspace, at: int | Item | None = None, queue: Queue = EVERYBODY, **choice: object
) -> RelabelWindow | None:
    place = Item(at) if isinstance(at, int) else at
    options: dict[str, object] = {"annotator": "Zoë", "anchor": None, "hand_out": False}
    return load_window(ws, "val", queue, at=place, **(options | choice))  # type: ignore[arg-type]


def shown(found: RelabelWindow) -> list[int]:
    return [item.person.annotation_id for item in found.items]


def order(found: RelabelWindow) -> list[int]:
    return [entry.annotation_id for entry in found.order]


def review(ws: Workspace, annotation_id: int, annotator: str = "Zoë") -> None:
    person = people.persons(ws.engine, find(ws.engine, "val").id, [annotation_id])[0]
    edits = [
        Edit(annotation_id, k, 0, VerdictKind.KEEP, label) for k, label in enumerate(person.current)
    ]
    append(ws.engine, find(ws.engine, "val").id, MAIN, edits, annotator=annotator, step=annotator)


def test_one_starts_at_the_first_person_with_the_next_five(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=8)
    found = window(ws)
    assert (found.at, found.here, found.place) == (Item(101), 0, 1)
    assert order(found) == shown(found) == [101, 102, 103, 104, 105, 106]
    assert (found.is_first, found.is_last, found.held_by) == (True, False, {})
    assert found.progress == QueueProgress(8, 0, 0)
    item = found.items[0]
    assert (item.image.id, item.skeleton.names[0], item.opinion) == (1, "nose", None)


def test_the_person_before_comes_along(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=4)
    found = window(ws, 104)
    assert (order(found), found.here, found.is_first, found.is_last) == ([103, 104], 1, False, True)


def test_everybody_on_the_photo_comes_along(ws: Workspace, tmp_path: Path) -> None:
    many = [an_annotation(n, 1) for n in range(5, 14)]
    imported(ws, tmp_path, annotations=many)
    found = window(ws, 6)
    assert (order(found), shown(found)) == ([5, 6, 7, 8, 9, 10, 11], list(range(5, 14)))
    assert [person.annotation_id for person in found.items[0].people] == list(range(5, 14))


def test_what_a_run_says_comes_along(ws: Workspace, tmp_path: Path) -> None:
    a_run(ws, imported(ws, tmp_path, images=3), {102: [(0.25, 0.25, 0.5)] * 4})
    found = window(ws, queue=Queue(run="tiny-1"))
    assert order(found) == [102, 101, 103]
    opinion = found.items[0].opinion
    assert opinion is not None
    assert (opinion.run, opinion.p.tolist()) == ("tiny-1", [[0.25, 0.25, 0.5]] * 4)
    assert found.items[1].opinion is None


def test_reviewed_people_are_passed_over_but_one_can_go_back(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=4)
    review(ws, 101)
    review(ws, 103)
    still_open = window(ws, queue=Queue(reviewed=False))
    assert (order(still_open), still_open.here) == ([101, 102, 104], 1)
    assert still_open.progress == QueueProgress(4, 2, 0)
    assert order(window(ws, 101, Queue(reviewed=True))) == [101, 103]


def test_where_nobody_is_there_is_no_window(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    assert opened(ws, queue=Queue(reviewed=True)) is None


def test_one_comes_back_to_where_one_stopped(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=5)
    window(ws, 103)
    assert window(ws).at == Item(103)
    assert window(ws, annotator="Bo").at == Item(101)
    not_there = Queue(keypoint="nobody's")
    assert opened(ws, queue=not_there) is None


def test_of_what_is_not_reviewed_one_comes_back_to_what_follows(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path, images=5)
    window(ws, 103)
    review(ws, 103, annotator="Bo")
    assert window(ws).at == Item(103)
    assert window(ws, queue=Queue(reviewed=False)).at == Item(104)


def test_what_another_is_at_is_not_handed_out(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=16)
    first = window(ws, annotator="Bo")
    assert order(first) == [101, 102, 103, 104, 105, 106]
    mine = window(ws)
    assert order(mine) == [107, 108, 109, 110, 111, 112]
    assert (mine.place, mine.held_by) == (7, dict.fromkeys(range(101, 107), "Bo"))
    assert order(window(ws, 101)) == [101, 107, 108, 109, 110, 111]  # asked for, one gets it


def test_an_item_taken_meanwhile_is_skipped_when_handed_out(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=12)
    window(ws, 104, annotator="Bo")
    assert window(ws, 104, hand_out=True).at == Item(110)
    assert window(ws, 104, hand_out=False).at == Item(104)


def test_where_others_have_everything_one_looks_at_it_with_them(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path, images=3)
    window(ws, annotator="Bo")
    mine = window(ws)
    assert (mine.at, mine.held_by[101]) == (Item(101), "Bo")
    again = window(ws, 102, hand_out=True)
    assert again.at == Item(102)


def test_many_who_come_at_once_are_each_handed_another_person(
    ws: Workspace, tmp_path: Path
) -> None:
    a_run(ws, imported(ws, tmp_path, images=80), {150: [(1, 0, 0)] * 4})
    queue = Queue(run="tiny-1", reviewed=False)
    seats: list[int] = []

    def go_through(annotator: str) -> None:
        found = window(ws, None, queue, annotator=annotator)
        for _ in range(4):
            assert found.here is not None
            review(ws, found.at.annotation_id, annotator)
            seats.append(found.at.annotation_id)
            onward = found.order[found.here + 1].annotation_id
            found = window(ws, onward, queue, annotator=annotator, hand_out=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(go_through, [f"annotator {n}" for n in range(8)]))
    assert len(seats) == len(set(seats)) == 32
    assert window(ws, None, queue, annotator="late").progress == QueueProgress(80, 32, 0)


def test_what_another_reviewed_and_left_just_now_is_passed_over(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(ws, tmp_path, images=4)
    sit = desks.sit

    def after_another(*where: Any, annotation_id: int, **how: Any) -> dict[int, str]:
        if annotation_id == 101:
            review(ws, 101, "Bo")
        return sit(*where, annotation_id=annotation_id, **how)

    monkeypatch.setattr(desks, "sit", after_another)
    found = window(ws, queue=Queue(reviewed=False))
    assert (found.at, found.progress) == (Item(102), QueueProgress(4, 1, 0))


def test_blind_work_is_held_by_nobody_and_sees_no_verdicts(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path, images=3)
    review(ws, 101)
    window(ws, annotator="Bo")
    blind = window(ws, queue=Queue(label_set="Zoë", reviewed=False))
    assert (order(blind), blind.held_by) == ([101, 102, 103], {})
    assert blind.items[0].person.revision == (0, 0, 0, 0)


def test_somebody_outside_the_queue_is_shown_beside_the_part_one_was_at(
    ws: Workspace, tmp_path: Path
) -> None:
    many = [an_annotation(n, 1 + n % 2, v=(n % 3, 0, 0, 0)) for n in range(1, 10)]
    imported(ws, tmp_path, annotations=many)
    hidden = Queue(keypoint="nose", given=Visibility.OCCLUDED)  # 4 on photo 1, then 1 and 7 on 2
    found = window(ws, 3, hidden, anchor=Item(4))
    assert (found.at, found.here, found.place) == (Item(3), None, None)
    assert (order(found), found.is_first) == ([4, 1, 7], True)
    assert 3 in shown(found)
    alone = window(ws, 3, hidden)
    assert (order(alone), alone.here, alone.is_first) == ([7], None, True)


def test_a_queue_of_keypoints_stays_at_one_person_for_several(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path, images=2)
    queue = Queue(unit=Unit.KEYPOINTS, given=Visibility.VISIBLE)
    found = window(ws, queue=queue)
    assert [(e.annotation_id, e.keypoint) for e in found.order] == [
        (101, 0),
        (101, 3),
        (102, 0),
        (102, 3),
    ]
    assert (found.at, shown(found)) == (Item(101, 0), [101, 102])
    assert window(ws, Item(101, 3), queue).here == 1
    assert window(ws, Item(102), queue).at == Item(102, 0)
    outside = window(ws, Item(101, 1), queue, anchor=Item(101, 3))
    assert (outside.at, outside.here, len(outside.order)) == (Item(101, 1), None, 4)
    assert window(ws, queue=queue).at == Item(101, 0)  # where one stopped is not in the queue


def test_a_crowd_can_be_looked_at_but_not_somebody_without_keypoints(
    ws: Workspace, tmp_path: Path
) -> None:
    nobody = an_annotation(3, 1)
    del nobody["keypoints"], nobody["num_keypoints"]
    imported(ws, tmp_path, annotations=[an_annotation(1), an_annotation(2, iscrowd=1), nobody])
    assert (window(ws, 2).here, window(ws, 2).at) == (None, Item(2))
    with pytest.raises(UserError, match=r"Annotation 3 has no list of keypoints"):
        window(ws, 3)


def test_an_unknown_person_is_said_to_be_missing(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no annotation 9 in this dataset"):
        window(ws, 9)


def test_an_unknown_run_or_dataset_is_refused(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no run 'nothing' of this dataset"):
        window(ws, queue=Queue(run="nothing"))
    delete_dataset(ws, "val")
    with pytest.raises(UserError, match=r"There is no dataset 'val'"):
        window(ws)


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
