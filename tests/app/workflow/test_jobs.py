"""Jobs asked for, found, cancelled, resumed and forgotten; no worker is needed for that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.settings import Settings
from app.workflow import jobs
from app.workflow.finders import FindPeople
from app.workflow.jobs import BROKEN, Job, JobState
from app.workflow.workspace import Workspace, open_workspace, upgrade_workspace
from core.errors import UserError
from db import workers
from tests.app.own_postgres import own_postgres
from tests.app.workflow.coco_files import imported
from tests.app.workflow.job_rows import column, set_ended, set_outcome, set_status
from tests.core.inference.small_detectors import a_detector


@pytest.fixture(scope="module")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for all tests of this file: making the tables takes seconds."""
    with own_postgres() as address:
        folder = tmp_path_factory.mktemp("postgres")
        upgrade_workspace(Settings(data_dir=folder, database_url=address)).close()
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ws(request: pytest.FixtureRequest, own_data_dir: Path) -> Iterator[Workspace]:
    """An empty workspace of either kind."""
    address = ""
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_address")
    opened = open_workspace(Settings(data_dir=own_data_dir, database_url=address))
    if address:
        with opened.engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE dbos.workflow_status, worker, dataset CASCADE")
    yield opened
    opened.close()


def test_a_job_that_was_asked_for_waits(ws: Workspace) -> None:
    before = datetime.now(UTC)
    job_id = jobs.ask_verb(ws, ["import", "val", "/v.json"], title="Importing val")
    job = jobs.find(ws, job_id)
    assert before <= job.asked_at <= datetime.now(UTC)
    assert job == Job(
        id=job_id,
        verb="import",
        title="Importing val",
        state=JobState.WAITING,
        fraction=0.0,
        message="",
        asked_at=job.asked_at,
        started_at=None,
        ended_at=None,
        can_resume=False,
        worker="",
    )


def test_without_a_title_the_verb_is_one(ws: Workspace) -> None:
    assert jobs.find(ws, jobs.ask_verb(ws, ["delete", "val", "--yes"])).title == "delete val"


def test_jobs_are_listed_the_newest_first_and_no_more_than_asked_for(ws: Workspace) -> None:
    asked = [jobs.ask_verb(ws, ["sample"]) for _ in range(4)]
    assert [job.id for job in jobs.recent(ws)] == asked[::-1]
    assert len(jobs.recent(ws, limit=2)) == 2


def test_what_is_asked_is_kept_as_json_and_for_the_queue_of_its_verb(ws: Workspace) -> None:
    by_verb = {verb: jobs.ask_verb(ws, [verb]) for verb in ("train", "import", "delete")}
    queues = {verb: column(ws, job_id, "queue_name") for verb, job_id in by_verb.items()}
    assert queues == {"train": "train", "import": "data", "delete": "data"}
    assert {column(ws, job_id, "serialization") for job_id in by_verb.values()} == {"portable_json"}


def test_another_process_sees_the_same_jobs(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    fresh = Workspace(ws.settings, ws.engine)
    assert jobs.find(fresh, job_id) == jobs.find(ws, job_id)
    fresh.job_store.engine.dispose()


def test_how_far_a_job_is_and_when_it_began_are_told(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    set_status(ws, job_id, "PENDING", worker="worker-a-1")
    jobs.say_begun(ws, job_id)
    jobs.say_fraction(ws, job_id, 0.123456)
    job = jobs.find(ws, job_id)
    assert (job.state, job.fraction, job.worker) == (JobState.RUNNING, 0.1235, "worker-a-1")
    assert job.started_at is not None
    assert job.started_at >= job.asked_at
    assert jobs.turn(ws, job_id) == ("worker-a-1", job.started_at.isoformat())
    assert ws.job_store.at_work() == {job_id: "worker-a-1"}


def test_a_job_nobody_is_at_is_nobodys_turn(ws: Workspace) -> None:
    assert jobs.turn(ws, jobs.ask_verb(ws, ["sample"])) is None
    assert jobs.turn(ws, "0" * 32) is None


@pytest.mark.parametrize(
    ("status", "output", "error", "expected"),
    [
        ("SUCCESS", {"message": "Imported."}, None, (JobState.DONE, 1.0, "Imported.", False)),
        ("SUCCESS", None, None, (JobState.DONE, 1.0, "", False)),
        (
            "ERROR",
            None,
            {"name": "UserError", "message": "The disk is full."},
            (JobState.FAILED, 0.0, "The disk is full.", True),
        ),
        ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", None, None, (JobState.FAILED, 0.0, BROKEN, True)),
    ],
)
def test_what_became_of_a_job_is_told(
    ws: Workspace, status: str, output: object, error: dict[str, str] | None, expected: object
) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    set_status(ws, job_id, status)
    set_outcome(ws, job_id, output=output, error=error)
    job = jobs.find(ws, job_id)
    assert (job.state, job.fraction, job.message, job.can_resume) == expected


def test_a_waiting_job_is_cancelled_at_once_resumed_and_cancelled_again(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["train", "tiny/metamodel"])
    jobs.cancel(ws, job_id)
    job = jobs.find(ws, job_id)
    assert (job.state, job.can_resume) == (JobState.CANCELLED, True)
    assert job.ended_at is not None
    jobs.resume(ws, job_id)
    job = jobs.find(ws, job_id)
    assert (job.state, job.ended_at) == (JobState.WAITING, None)
    assert column(ws, job_id, "queue_name") == "train"
    jobs.cancel(ws, job_id)
    assert jobs.find(ws, job_id).state is JobState.CANCELLED


def test_a_job_that_has_ended_stays_as_it_is_when_cancelled(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    set_status(ws, job_id, "SUCCESS")
    jobs.cancel(ws, job_id)
    assert jobs.find(ws, job_id).state is JobState.DONE


def test_only_a_cancelled_or_failed_job_is_resumed(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    with pytest.raises(UserError) as error:
        jobs.resume(ws, job_id)
    assert str(error.value) == (
        "This job is waiting; only a cancelled or a failed one can be resumed."
    )


def test_a_job_that_another_has_just_resumed_or_forgotten_is_said(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    jobs.cancel(ws, job_id)
    cancelled = jobs.find(ws, job_id)
    monkeypatch.setattr(jobs, "find", lambda *_: cancelled)
    jobs.resume(ws, job_id)
    for change in (lambda: None, lambda: ws.job_store.client.delete_workflow(job_id)):
        change()
        with pytest.raises(UserError) as error:
            jobs.resume(ws, job_id)
        assert str(error.value) == "This job has changed meanwhile. Look at it again."


def test_only_a_job_that_has_ended_is_forgotten(ws: Workspace) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    with pytest.raises(UserError) as error:
        jobs.forget(ws, job_id)
    assert str(error.value) == "This job is waiting. Cancel it first."
    jobs.cancel(ws, job_id)
    folder = ws.jobs_dir / job_id
    folder.mkdir(parents=True)
    jobs.forget(ws, job_id)
    assert jobs.recent(ws) == []
    assert not folder.exists()


@pytest.mark.parametrize("job_id", ["0" * 32, "../../etc", ""])
def test_a_job_that_is_none_is_refused(ws: Workspace, job_id: str) -> None:
    for act in (jobs.find, jobs.cancel, jobs.resume, jobs.forget):
        with pytest.raises(UserError) as error:
            act(ws, job_id)
        assert str(error.value) == (
            "There is no such job. It was forgotten or never asked for; `jobs` lists all."
        )
    assert not jobs.is_alive(ws, job_id)


def test_a_job_is_found_by_the_beginning_of_its_id(ws: Workspace) -> None:
    asked = [jobs.ask_verb(ws, ["sample"]) for _ in range(17)]  # two begin with the same letter
    assert jobs.find_by_start(ws, asked[0][:12]).id == asked[0]
    shared = next(a[0] for n, a in enumerate(asked) if a[0] in [b[0] for b in asked[:n]])
    with pytest.raises(UserError, match=f"Several jobs begin with '{shared}'. Type more of the id"):
        jobs.find_by_start(ws, shared)
    for start in ("xyz", "%", "_", ""):
        with pytest.raises(UserError, match=f"There is no job '{start}'. `jobs` lists all."):
            jobs.find_by_start(ws, start)


@pytest.mark.parametrize(
    ("status", "alive"),
    [
        ("ENQUEUED", True),
        ("PENDING", True),
        ("CANCELLED", True),
        ("ERROR", True),
        ("SUCCESS", False),
    ],
)
def test_a_job_that_may_go_on_is_alive(ws: Workspace, status: str, alive: bool) -> None:
    job_id = jobs.ask_verb(ws, ["sample"])
    set_status(ws, job_id, status)
    assert jobs.is_alive(ws, job_id) is alive


def test_jobs_of_a_month_ago_are_forgotten_others_stay(ws: Workspace) -> None:
    old, recent, waiting = (jobs.ask_verb(ws, ["sample"]) for _ in range(3))
    jobs.cancel(ws, old)
    jobs.cancel(ws, recent)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    set_ended(ws, old, long_ago)
    jobs.forget_old(ws)
    assert {job.id for job in jobs.recent(ws)} == {recent, waiting}


def test_what_a_worker_was_at_goes_back_to_its_queue(ws: Workspace) -> None:
    mine, other = jobs.ask_verb(ws, ["train"]), jobs.ask_verb(ws, ["sample"])
    set_status(ws, mine, "PENDING", worker="a")
    set_status(ws, other, "PENDING", worker="b")
    assert ws.job_store.put_back(mine, "a")
    assert not ws.job_store.put_back(mine, "a")
    assert not ws.job_store.put_back(other, "a")
    states = {job.id: job.state for job in jobs.recent(ws)}
    assert states == {mine: JobState.WAITING, other: JobState.RUNNING}
    assert column(ws, mine, "queue_name") == "train"


def test_workers_are_listed_while_they_give_signs_of_life(ws: Workspace) -> None:
    assert jobs.living_workers(ws) == []
    workers.beat(ws.engine, "worker-a-1", url="http://127.0.0.1:9", device="CPU, 2 cores")
    (worker,) = jobs.living_workers(ws)
    assert (worker.name, worker.url, worker.device) == (
        "worker-a-1",
        "http://127.0.0.1:9",
        "CPU, 2 cores",
    )


def test_a_prediction_that_cannot_be_is_refused_before_it_is_a_job(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    with pytest.raises(UserError, match="gone"):
        jobs.ask_predict(ws, "gone", model="metamodel_tiny")
    with pytest.raises(UserError, match="none_such"):
        jobs.ask_predict(ws, "val", model="none_such")
    with pytest.raises(UserError, match="run name is blank"):
        jobs.ask_predict(ws, "val", model="metamodel_tiny", run_name=" ")
    assert jobs.recent(ws) == []


def test_a_prediction_is_a_job(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, tmp_path)
    job = jobs.find(ws, jobs.ask_predict(ws, "val", model="metamodel_tiny", run_name="r"))
    assert (job.verb, job.title) == ("predict", "Predicting val with metamodel_tiny")
    assert column(ws, job.id, "queue_name") == "predict"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (65, "1:05"), (3_725, "1:02:05"), (-3, "0:00")]
)
def test_how_long_a_job_took_is_told_in_minutes(seconds: int, words: str) -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    job = Job("", "", "", JobState.DONE, 1, "", at, at, at + timedelta(seconds=seconds), False, "")
    assert jobs.how_long(job) == words


def test_what_finds_people_is_settled_when_a_job_is_asked_for(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    a_detector(ws.data_dir / "detectors" / "b")
    elsewhere = a_detector(tmp_path / "elsewhere")
    asked = []
    for find in (FindPeople(), FindPeople(str(elsewhere), 0.5)):
        job_id = jobs.ask_predict(ws, "val", model="metamodel_tiny", find=find)
        (status,) = ws.job_store.client.list_workflows(workflow_ids=[job_id])
        asked.append(status.input["args"][0]["find"])
    assert asked == [
        {"detector": "b", "min_score": 0.3},
        {"detector": str(elsewhere), "min_score": 0.5},
    ]
