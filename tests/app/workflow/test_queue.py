"""The queue against a plain one: lists of Person objects, sorted and filtered by Python."""

import math
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from app.workflow.datasets import delete_dataset
from app.workflow.open_queue import OpenQueue
from app.workflow.queue import (
    Item,
    Queue,
    QueueEntry,
    QueuePart,
    QueueProgress,
    Unit,
)
from app.workflow.relabel_item import opinion_on, skeleton_of
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, Person
from core.data.review import MAIN, Edit, VerdictKind
from core.data.visibility import Visibility
from core.errors import UserError
from db import people, runs, verdicts
from tests.app.workflow.coco_files import a_person, imported
from tests.app.workflow.doubts import a_run, an_odd_dataset, an_odd_run, some_verdicts

SURE = {0: (1, 0, 0), 1: (0, 1, 0), 2: (0, 0, 1)}
KEYPOINTS, PEOPLE = Unit.KEYPOINTS, Unit.PEOPLE


@dataclass(frozen=True)
class PlainKeypoint:
    """What is known of one keypoint."""

    person: Person
    k: int
    suspicion: float
    suggested: Visibility | None
    matches: bool
    changed: bool


@dataclass(frozen=True)
class PlainItem:
    """One place of a plain queue."""

    entry: QueueEntry
    reviewed: bool
    changed: bool
    doubt: float


def plain_queue(ws: Workspace, dataset: DatasetInfo, queue: Queue) -> list[PlainItem]:
    """All items in order, whatever is reviewed."""
    items = []
    for image in people.images(ws.engine, dataset.id)[1]:
        for person in people.people(
            ws.engine, dataset.id, image.id, label_set=queue.label_set, run=queue.run
        ):
            if not person.iscrowd and person.given:
                items += plain_items(ws, dataset, queue, person)
    if queue.run is not None and queue.by_suspicion:
        items.sort(key=lambda item: math.inf if math.isnan(item.doubt) else -item.doubt)
    return items


def plain_items(
    ws: Workspace, dataset: DatasetInfo, queue: Queue, person: Person
) -> list[PlainItem]:
    found = [each for each in plain_keypoints(ws, dataset, queue, person) if each.matches]
    if queue.unit is KEYPOINTS:
        return [plain_item(queue, [each], each) for each in found]
    if not found:
        return []
    known = [each for each in found if not math.isnan(each.suspicion)]
    asked = max(known, key=lambda each: each.suspicion) if known else None
    return [plain_item(queue, found, asked)]


def plain_item(queue: Queue, found: list[PlainKeypoint], asked: PlainKeypoint | None) -> PlainItem:
    reviewed = all(each.person.reviewed[each.k] for each in found)
    doubt = math.nan if asked is None else asked.suspicion
    return PlainItem(
        QueueEntry(
            annotation_id=found[0].person.annotation_id,
            image_id=found[0].person.image_id,
            keypoint=asked.k if asked else None,
            suspicion=None if math.isnan(doubt) else doubt,
            given=asked.person.given[asked.k].visibility if asked else None,
            suggested=asked.suggested if asked else None,
        ),
        reviewed,
        reviewed and any(each.changed for each in found),
        doubt,
    )


def plain_keypoints(
    ws: Workspace, dataset: DatasetInfo, queue: Queue, person: Person
) -> list[PlainKeypoint]:
    skeleton = skeleton_of(dataset, person)
    run = next((r for r in runs.list_runs(ws.engine, dataset.id) if r.name == queue.run), None)
    opinion = opinion_on(person.prediction, skeleton, run)
    found = []
    for k, given in enumerate(person.given):
        p = np.full(3, np.nan, np.float32) if opinion is None else opinion.p[k]
        suspicion = float(np.float32(1) - p[given.visibility])
        suggested = None if np.isnan(p).any() else Visibility(int(np.argmax(p)))
        matches = (
            queue.keypoint in (None, skeleton.names[k])
            and queue.given in (None, given.visibility)
            and queue.suggested in (None, suggested)
            and (queue.suspicion == 0 or suspicion >= np.float32(queue.suspicion))
        )
        changed = person.current[k].visibility is not given.visibility
        found.append(PlainKeypoint(person, k, suspicion, suggested, matches, changed))
    return found


def plain_part(
    items: list[PlainItem], queue: Queue, place: int, behind: int, ahead: int, skip: set[int]
) -> QueuePart:
    """Around the item at this index."""

    def fits(item: PlainItem, reviewed: bool | None) -> bool:
        return item.entry.annotation_id not in skip and reviewed in (None, item.reviewed)

    back = None if queue.reviewed is False else queue.reviewed
    before = [item.entry for item in items[:place] if fits(item, back)]
    after = [item.entry for item in items[place + 1 :] if fits(item, queue.reviewed)]
    return QueuePart(
        behind=tuple(before[-behind:]),
        here=items[place].entry,
        ahead=tuple(after[:ahead]),
        place=place + 1,
        total=len(items),
        is_first=len(before) <= behind,
        is_last=len(after) <= ahead,
    )


def a_queue(rng: random.Random, run: str | None) -> Queue:
    flags = [None, None, *Visibility]
    return Queue(
        unit=rng.choice(list(Unit)),
        run=run,
        by_suspicion=rng.random() < 0.7,
        keypoint=rng.choice([None, None, "nose", "tail", "keypoint 2", "left_ear", "nobody's"]),
        given=rng.choice(flags),
        suggested=rng.choice(flags) if run else None,
        suspicion=rng.choice([0.0, 0.0, 0.3, 0.9, 1.0]) if run else 0.0,
        reviewed=rng.choice([None, True, False]),
        label_set=rng.choice([MAIN, MAIN, "Bo"]),
    )


def item_of(queue: Queue, entry: QueueEntry) -> Item:
    return Item(entry.annotation_id, entry.keypoint if queue.unit is KEYPOINTS else None)


@pytest.mark.parametrize("seed", range(25))
def test_any_queue_is_walked_as_a_plain_list_is(ws: Workspace, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    dataset = an_odd_dataset(ws, tmp_path, rng)
    an_odd_run(ws, dataset, rng)
    for _ in range(6):
        some_verdicts(ws, dataset, rng, label_set=rng.choice([MAIN, "Bo"]), count=3)
        queue = a_queue(rng, rng.choice([None, "tiny-1", "tiny-1"]))
        items = plain_queue(ws, dataset, queue)
        assert OpenQueue(ws, dataset, queue).progress() == QueueProgress(
            len(items), sum(i.reviewed for i in items), sum(i.changed for i in items)
        )
        for place in range(len(items)):
            everybody = [item.entry.annotation_id for item in items]
            skip = set(rng.sample(everybody, rng.randint(0, len(everybody) // 2)))
            behind, ahead = rng.randint(1, 3), rng.randint(1, 6)
            found = OpenQueue(ws, dataset, queue).part(
                item_of(queue, items[place].entry),
                behind=behind,
                ahead=ahead,
                skip=skip,
            )
            assert found == plain_part(items, queue, place, behind, ahead, skip)
        first = OpenQueue(ws, dataset, queue).part(None, ahead=3)
        wanted = [i.entry for i in items if queue.reviewed in (None, i.reviewed)]
        assert (first.ahead, first.is_last) == (tuple(wanted[:3]), len(wanted) <= 3)
        assert (first.behind, first.here, first.is_first) == ((), None, True)


def ids(entries: tuple[QueueEntry, ...]) -> list[int]:
    return [entry.annotation_id for entry in entries]


def keep(ws: Workspace, dataset: DatasetInfo, annotation_id: int, *keypoints: int) -> None:
    labels = people.persons(ws.engine, dataset.id, [annotation_id])[0]
    edits = [
        Edit(annotation_id, k, labels.revision[k], VerdictKind.KEEP, labels.current[k])
        for k in keypoints
    ]
    verdicts.append(ws.engine, dataset.id, MAIN, edits, annotator="Zoë", step=f"k{annotation_id}")


def test_who_has_the_most_doubtful_keypoint_comes_first(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path, images=3)  # flags 2, 1, 0, 2 of each
    fits = [SURE[2], SURE[1], SURE[0], SURE[2]]
    doubtful = [SURE[2], (0.25, 0.25, 0.5), SURE[0], (0.5, 0, 0.5)]
    a_run(ws, dataset, {101: fits, 103: doubtful})
    part = OpenQueue(ws, dataset, Queue(run="tiny-1")).part(None)
    assert part.ahead == (
        QueueEntry(103, 3, 1, 0.75, Visibility.OCCLUDED, Visibility.VISIBLE),
        QueueEntry(101, 1, 0, 0.0, Visibility.VISIBLE, Visibility.VISIBLE),
        QueueEntry(102, 2, None, None, None, None),  # the run has not seen it
    )
    in_file = Queue(run="tiny-1", by_suspicion=False)
    assert ids(OpenQueue(ws, dataset, in_file).part(None).ahead) == [101, 102, 103]


def test_a_person_is_reviewed_once_its_matching_keypoints_are(
    ws: Workspace, tmp_path: Path
) -> None:
    dataset = imported(ws, tmp_path, images=3)
    noses = Queue(keypoint="nose", reviewed=False)
    keep(ws, dataset, 101, 0)
    assert ids(OpenQueue(ws, dataset, noses).part(None).ahead) == [102, 103]
    assert ids(OpenQueue(ws, dataset, replace(noses, keypoint=None)).part(None).ahead) == [
        101,
        102,
        103,
    ]
    assert OpenQueue(ws, dataset, noses).progress() == QueueProgress(3, 1, 0)


def test_one_can_go_back_to_what_was_just_reviewed(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path, images=4)
    keep(ws, dataset, 101, 0, 1, 2, 3)
    keep(ws, dataset, 103, 0, 1, 2, 3)
    part = OpenQueue(ws, dataset, Queue(reviewed=False)).part(Item(102))
    assert (ids(part.behind), ids(part.ahead), part.place, part.total) == ([101], [104], 2, 4)
    part = OpenQueue(ws, dataset, Queue(reviewed=True)).part(Item(102))
    assert (ids(part.behind), ids(part.ahead)) == ([101], [103])


def test_from_an_item_outside_the_queue_one_goes_on_in_the_file(
    ws: Workspace, tmp_path: Path
) -> None:
    people_ = [a_person(n, 1, v=(n % 2, 0, 0, 0)) for n in (1, 2, 3, 4, 5)]
    dataset = imported(ws, tmp_path, annotations=people_)
    odd = Queue(keypoint="nose", given=Visibility.OCCLUDED)
    part = OpenQueue(ws, dataset, odd).part(Item(2))
    assert (part.behind, part.here, part.place, part.is_first) == ((), None, None, True)
    assert ids(part.ahead) == [3, 5]
    single = replace(odd, unit=KEYPOINTS)
    assert ids(OpenQueue(ws, dataset, single).part(Item(3, 2)).ahead) == [5]
    assert ids(OpenQueue(ws, dataset, single).part(Item(99, 0)).ahead) == [1, 3, 5]


def test_ordered_by_suspicion_one_goes_on_with_the_first(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path, images=3)
    a_run(ws, dataset, {103: [SURE[0]] * 4})
    queue = Queue(run="tiny-1", suspicion=0.5)
    part = OpenQueue(ws, dataset, queue).part(Item(102))
    assert (part.here, ids(part.ahead), part.is_last) == (None, [103], True)


def test_a_person_in_a_queue_of_keypoints_stands_at_its_first_one(
    ws: Workspace, tmp_path: Path
) -> None:
    dataset = imported(ws, tmp_path, images=2)
    a_run(ws, dataset, {102: [SURE[2], SURE[1], SURE[2], SURE[2]]})
    part = OpenQueue(ws, dataset, Queue(unit=KEYPOINTS, run="tiny-1")).part(Item(102))
    assert part.here == QueueEntry(102, 2, 2, 1.0, Visibility.UNLABELLED, Visibility.VISIBLE)
    assert part.place == 1


def test_an_empty_queue_has_nothing_anywhere(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path, annotations=[])
    for unit in Unit:
        for run in (None,):
            queue = Queue(unit=unit, run=run, reviewed=False)
            part = OpenQueue(ws, dataset, queue).part(Item(1, 0))
            assert part == QueuePart((), None, (), None, 0, is_first=True, is_last=True)
            assert OpenQueue(ws, dataset, queue).progress() == QueueProgress(0, 0, 0)


def test_an_unknown_run_is_refused(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path)
    with pytest.raises(UserError, match=r"There is no run 'x' of this dataset. No model has been"):
        OpenQueue(ws, dataset, Queue(run="x")).progress()


def test_a_run_made_again_under_the_same_name_is_another(ws: Workspace, tmp_path: Path) -> None:
    dataset = imported(ws, tmp_path, images=2)
    a_run(ws, dataset, {102: [SURE[0]] * 4})
    assert ids(OpenQueue(ws, dataset, Queue(run="tiny-1")).part(None).ahead) == [102, 101]
    runs.remove_run(ws.engine, runs.run_id_of(ws.engine, dataset.id, "tiny-1"))
    with pytest.raises(UserError, match="There is no run 'tiny-1'"):
        OpenQueue(ws, dataset, Queue(run="tiny-1")).part(None)
    a_run(ws, dataset, {101: [SURE[0]] * 4})
    assert ids(OpenQueue(ws, dataset, Queue(run="tiny-1")).part(None).ahead) == [101, 102]


def test_a_dataset_imported_again_under_the_same_name_is_another(
    ws: Workspace, tmp_path: Path
) -> None:
    assert OpenQueue(ws, imported(ws, tmp_path, images=2), Queue()).progress().total == 2
    delete_dataset(ws, "val")
    assert OpenQueue(ws, imported(ws, tmp_path, images=3), Queue()).progress().total == 3
