"""Heartbeats of workers."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from db import workers
from db.session import write

URL = "http://127.0.0.1:9000"


def age(engine: Engine, name: str, seconds: float) -> None:
    """Makes the last heartbeat older."""
    (worker,) = [each for each in workers.list_all(engine) if each.name == name]
    with write(engine) as session:
        session.execute(
            text("UPDATE worker SET seen_at = :at WHERE name = :name"),
            {"at": worker.seen_at - timedelta(seconds=seconds), "name": name},
        )


def test_a_worker_that_beats_is_known_with_all_it_says(engine: Engine) -> None:
    began = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    workers.beat(engine, "a", url=URL, device="", started_at=began)
    workers.beat(engine, "a", url=URL, device="CPU, 2 cores")
    (worker,) = workers.list_all(engine)
    assert (worker.name, worker.url, worker.device, worker.started_at) == (
        "a",
        URL,
        "CPU, 2 cores",
        began,
    )
    assert abs(datetime.now(UTC) - worker.seen_at) < timedelta(minutes=1)


def test_a_first_heartbeat_without_a_beginning_is_the_beginning(engine: Engine) -> None:
    workers.beat(engine, "a", url=URL, device="")
    (worker,) = workers.list_all(engine)
    assert worker.started_at == worker.seen_at


def test_only_those_heard_of_lately_are_living(engine: Engine) -> None:
    for name in ("b", "a", "old"):
        workers.beat(engine, name, url=URL, device="")
    age(engine, "old", 16)
    assert [worker.name for worker in workers.list_living(engine, within_s=15)] == ["a", "b"]
    assert [worker.name for worker in workers.list_all(engine)] == ["a", "b", "old"]


def test_those_silent_for_long_are_forgotten(engine: Engine) -> None:
    for name in ("a", "old"):
        workers.beat(engine, name, url=URL, device="")
    age(engine, "old", 90_000)
    workers.remove_silent(engine, since_s=86_400)
    assert [worker.name for worker in workers.list_all(engine)] == ["a"]


def test_every_heartbeat_is_later_than_the_one_before(engine: Engine) -> None:
    seen = []
    for _ in range(3):
        workers.beat(engine, "a", url=URL, device="")
        seen.append(workers.list_all(engine)[0].seen_at)
    assert seen[0] < seen[1] < seen[2]


def test_a_worker_that_ended_is_forgotten(engine: Engine) -> None:
    workers.beat(engine, "a", url=URL, device="")
    workers.remove(engine, "a")
    workers.remove(engine, "a")
    assert workers.list_all(engine) == []
