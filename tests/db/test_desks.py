"""Desks: two annotators are not handed the same person, and everybody finds where they stopped."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.data.review import MAIN
from core.errors import UserError
from db import datasets, replacing
from db.desks import CLAIM, RENEWED_AFTER, Desk, desk_of, others, sit
from tests.db.builders import a_dataset, begun, imported, many_people

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _sit(
    engine: Engine,
    dataset_id: int,
    who: str,
    at: int,
    *,
    ahead: Sequence[int] = (),
    handed_out: bool = True,
    now: datetime = NOON,
    label_set: str = MAIN,
) -> dict[int, str]:
    return sit(
        engine,
        dataset_id,
        label_set,
        who,
        annotation_id=at,
        keypoint=None,
        ahead=ahead,
        handed_out=handed_out,
        now=now,
    )


def test_a_desk_says_where_one_stopped(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert desk_of(engine, dataset_id, MAIN, "ann") is None
    sit(
        engine,
        dataset_id,
        MAIN,
        "ann",
        annotation_id=12,
        keypoint=2,
        ahead=[10],
        handed_out=True,
        now=NOON,
    )
    assert desk_of(engine, dataset_id, MAIN, "ann") == Desk("ann", 12, 2, (10,), NOON)
    assert desk_of(engine, dataset_id, MAIN, "bob") is None
    assert desk_of(engine, dataset_id, "ann", "ann") is None


def test_what_another_holds_is_not_handed_out(engine: Engine) -> None:
    dataset_id = imported(engine)
    assert _sit(engine, dataset_id, "ann", 11, ahead=[12]) == {}
    held = {11: "ann", 12: "ann"}
    assert others(engine, dataset_id, MAIN, "bob", now=NOON) == held
    assert _sit(engine, dataset_id, "bob", 11) == held
    assert _sit(engine, dataset_id, "bob", 12) == held
    assert desk_of(engine, dataset_id, MAIN, "bob") is None
    assert _sit(engine, dataset_id, "bob", 10, ahead=[12, 11]) == {}
    assert desk_of(engine, dataset_id, MAIN, "bob") == Desk("bob", 10, None, (), NOON)
    assert others(engine, dataset_id, MAIN, "ann", now=NOON) == {10: "bob"}


def test_what_is_asked_for_is_given_and_who_sits_there_stays(engine: Engine) -> None:
    dataset_id = imported(engine)
    _sit(engine, dataset_id, "ann", 11, ahead=[12])
    assert _sit(engine, dataset_id, "bob", 11, handed_out=False) == {}
    assert others(engine, dataset_id, MAIN, "cleo", now=NOON) == {11: "bob", 12: "ann"}
    # Ann is not driven away by him, but what he asked for is no longer handed to her.
    assert _sit(engine, dataset_id, "ann", 11, ahead=[12], now=NOON + MINUTE) == {}
    _sit(engine, dataset_id, "bob", 12, handed_out=False, now=NOON + MINUTE)
    assert _sit(engine, dataset_id, "ann", 12, now=NOON + MINUTE) == {12: "bob"}


def test_a_claim_ends_after_five_minutes_and_the_desk_stays(engine: Engine) -> None:
    dataset_id = imported(engine)
    _sit(engine, dataset_id, "ann", 11)
    assert others(engine, dataset_id, MAIN, "bob", now=NOON + CLAIM) == {11: "ann"}
    late = NOON + CLAIM + timedelta(seconds=1)
    assert others(engine, dataset_id, MAIN, "bob", now=late) == {}
    assert _sit(engine, dataset_id, "bob", 11, now=late) == {}
    desk = desk_of(engine, dataset_id, MAIN, "ann")
    assert desk is not None
    assert (desk.annotation_id, desk.seen_at) == (11, NOON)
    # Coming back, she is handed somebody else.
    assert _sit(engine, dataset_id, "ann", 11, now=late) == {11: "bob"}


def test_blind_work_and_other_datasets_hold_nobody_up(engine: Engine) -> None:
    dataset_id, other = imported(engine), imported(engine, name="other")
    _sit(engine, dataset_id, "ann", 11, label_set="ann")
    _sit(engine, other, "ann", 11)
    assert others(engine, dataset_id, MAIN, "bob", now=NOON) == {}
    assert _sit(engine, dataset_id, "bob", 11) == {}
    assert others(engine, dataset_id, "cleo", "cleo", now=NOON) == {}
    assert _sit(engine, dataset_id, "cleo", 11, label_set="cleo") == {}


def test_a_desk_that_stays_as_it_is_is_renewed_in_time(engine: Engine) -> None:
    dataset_id = imported(engine)
    _sit(engine, dataset_id, "ann", 11)
    for now, seen in (
        (NOON + timedelta(seconds=1), NOON),
        (NOON + RENEWED_AFTER, NOON + RENEWED_AFTER),
    ):
        _sit(engine, dataset_id, "ann", 11, now=now)
        desk = desk_of(engine, dataset_id, MAIN, "ann")
        assert desk is not None
        assert desk.seen_at == seen


def test_nobody_sits_where_nobody_is(engine: Engine) -> None:
    dataset_id = imported(engine)
    with pytest.raises(UserError, match=r"^There is no annotation 99 in this dataset"):
        _sit(engine, dataset_id, "ann", 99)
    _sit(engine, dataset_id, "ann", 11)
    with pytest.raises(UserError, match=r"^There is no annotation 99 in this dataset"):
        _sit(engine, dataset_id, "ann", 99)
    datasets.remove(engine, dataset_id)
    assert desk_of(engine, dataset_id, MAIN, "ann") is None
    with pytest.raises(UserError, match=r"^This dataset is not there any more"):
        _sit(engine, dataset_id, "ann", 11)


@pytest.mark.parametrize("keypoint", [-1, 3, 10**9, 10**30])
def test_nobody_sits_at_a_keypoint_that_is_not_there(engine: Engine, keypoint: int) -> None:
    dataset_id = imported(engine)
    _sit(engine, dataset_id, "ann", 11)
    for who in ("ann", "bob"):
        with pytest.raises(UserError, match=rf"^Annotation 12 has no keypoint {keypoint}\.$"):
            sit(
                engine,
                dataset_id,
                MAIN,
                who,
                annotation_id=12,
                keypoint=keypoint,
                ahead=(),
                handed_out=False,
                now=NOON,
            )
    with pytest.raises(UserError, match=r"There is no annotation|an id that large"):
        _sit(engine, dataset_id, "ann", 10**30)
    desk = desk_of(engine, dataset_id, MAIN, "ann")
    assert desk is not None
    assert (desk.annotation_id, desk.keypoint) == (11, None)


def test_without_a_time_the_database_says_it(engine: Engine) -> None:
    dataset_id = imported(engine)
    before = datetime.now(UTC) - timedelta(seconds=2)
    sit(
        engine,
        dataset_id,
        MAIN,
        "ann",
        annotation_id=11,
        keypoint=None,
        ahead=(),
        handed_out=True,
    )
    desk = desk_of(engine, dataset_id, MAIN, "ann")
    assert desk is not None
    assert before < desk.seen_at < before + timedelta(seconds=60)
    assert others(engine, dataset_id, MAIN, "bob") == {11: "ann"}


def test_of_many_who_are_handed_the_same_person_one_gets_it(engine: Engine) -> None:
    """Everybody begins at the first person and takes the next one that is free."""
    dataset_id = imported(engine, many_people(20))
    together = threading.Barrier(8)
    got: dict[str, list[int]] = {}

    def work(who: str) -> None:
        together.wait()
        mine, now = [], 1
        while len(mine) < 2:
            taken = _sit(engine, dataset_id, who, now, ahead=[now + 1])
            if not taken:
                mine.append(now)
                break
            now = next(n for n in range(1, 21) if n not in taken)
        got[who] = mine

    threads = [threading.Thread(target=work, args=(f"annotator {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    places = sorted(at for mine in got.values() for at in mine)
    assert len(places) == 8
    assert len(set(places)) == 8
    held = [desk_of(engine, dataset_id, MAIN, who) for who in got]
    everybody = [n for desk in held if desk for n in (desk.annotation_id, *desk.ahead)]
    assert len(everybody) == len(set(everybody))


def test_a_newer_version_of_the_file_keeps_everybodys_place(engine: Engine) -> None:
    old_id = imported(engine)
    old = datasets.find(engine, "photos")
    _sit(engine, old_id, "ann", 11, ahead=[12])
    _sit(engine, old_id, "bob", 10)
    newer = a_dataset(people=((11, 7), (12, 7)))  # without annotation 10
    new_id = begun(engine, newer)
    datasets.insert_contents(engine, new_id, newer)
    assert replacing.replace(engine, old, new_id, seen=0) is not None
    datasets.remove(engine, old_id)
    assert desk_of(engine, new_id, MAIN, "ann") == Desk("ann", 11, None, (), NOON)
    assert desk_of(engine, new_id, MAIN, "bob") is None
