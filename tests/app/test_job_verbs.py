"""Verbs about jobs, and `--detach`, which makes one."""

import json
from pathlib import Path

import pytest

from app.command_line import main
from app.workflow import jobs
from app.workflow.jobs import JobState
from app.workflow.workspace import Workspace, open_workspace
from db import workers
from tests.app.workflow.coco_files import a_file, some_photos
from tests.app.workflow.job_rows import set_outcome, set_status

Said = pytest.CaptureFixture[str]
NO_WORKER = "No worker is running. Start one: python -m app worker, or python -m app serve.\n"


@pytest.fixture
def ws(own_data_dir: Path) -> Workspace:
    return open_workspace()


def test_without_jobs_the_list_says_so(ws: Workspace, capsys: Said) -> None:
    assert main(["jobs"]) == 0
    assert capsys.readouterr() == ("There are no jobs.\n", "")
    assert main(["jobs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_jobs_are_listed_with_what_they_said(ws: Workspace, capsys: Said) -> None:
    failed = jobs.ask_verb(ws, ["import"], title="Importing val")
    set_status(ws, failed, "ERROR")
    set_outcome(ws, failed, error={"name": "UserError", "message": "2 errors.\n  - one\n  - two"})
    waiting = jobs.ask_verb(ws, ["sample"], title="Drawing")
    assert main(["jobs"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "id        state    done  took  what           said",
        f"{waiting[:8]}  waiting  0%    -     Drawing",
        f"{failed[:8]}  failed   0%    -     Importing val  2 errors.",
    ]
    assert said.err == NO_WORKER
    assert main(["jobs", "--json"]) == 0
    assert [job["id"] for job in json.loads(capsys.readouterr().out)] == [waiting, failed]


def test_a_job_is_cancelled_resumed_and_forgotten_by_the_beginning_of_its_id(
    ws: Workspace, capsys: Said
) -> None:
    job_id = jobs.ask_verb(ws, ["sample"], title="Drawing")
    short = job_id[:8]
    assert main(["jobs", "cancel", short]) == 0
    assert main(["jobs", "resume", short]) == 0
    assert main(["jobs", "forget", short]) == 1
    assert main(["jobs", "cancel", job_id, "--json"]) == 0
    assert main(["jobs", "forget", short]) == 0
    said = capsys.readouterr()
    cancelled, resumed, *rest = said.out.splitlines()
    assert (cancelled, resumed) == (
        f"Drawing ({short}) is cancelled.",
        f"Drawing ({short}) is waiting.",
    )
    assert json.loads("\n".join(rest[:-1]))["state"] == "cancelled"
    assert rest[-1] == f"Forgot Drawing ({short})."
    assert said.err == "This job is waiting. Cancel it first.\n"
    assert jobs.recent(ws) == []


@pytest.mark.parametrize("act", ["cancel", "resume", "forget"])
def test_a_job_that_is_none_is_refused(ws: Workspace, capsys: Said, act: str) -> None:
    assert main(["jobs", act, "3f2a"]) == 1
    assert capsys.readouterr().err == "There is no job '3f2a'. `jobs` lists all.\n"


def test_a_detached_import_is_a_job_with_absolute_paths(
    ws: Workspace, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file(tmp_path)
    some_photos(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    verb = ["import", "val", "val.json", "--images", "photos", "--detach"]
    assert main(verb) == 0
    (job,) = jobs.recent(ws)
    assert (job.state, job.verb, job.title) == (JobState.WAITING, "import", "Importing val")
    said = capsys.readouterr()
    assert said.out == f"Asked for as job {job.id[:8]}; `jobs` shows how far it is.\n"
    assert said.err == f"The job waits. {NO_WORKER}"
    (status,) = ws.job_store.client.list_workflows(workflow_ids=[job.id])
    photos, file = str(tmp_path / "photos"), str(tmp_path / "val.json")
    assert status.input is not None
    assert status.input["args"] == ({"verb": ["import", "--images", photos, "--", "val", file]},)


def test_where_a_worker_is_running_a_detached_import_only_says_its_id(
    ws: Workspace, tmp_path: Path, capsys: Said
) -> None:
    workers.beat(ws.engine, "w", url="", device="")
    assert main(["import", "val", str(a_file(tmp_path)), "--detach", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"job": jobs.recent(ws)[0].id}
    assert said.err == ""


def test_what_a_detached_import_cannot_be_is_said_at_once(
    ws: Workspace, tmp_path: Path, capsys: Said
) -> None:
    file = str(a_file(tmp_path))
    assert main(["import", "val", file]) == 0
    assert main(["import", "val", file, "--detach"]) == 1
    assert main(["import", "other", str(tmp_path / "none.json"), "--detach"]) == 1
    assert main(["import", " ", file, "--detach"]) == 1
    said = capsys.readouterr().err
    assert 'There is a dataset "val" already.' in said
    assert f"{tmp_path / 'none.json'}: There is no such file. Check the path." in said
    assert "The dataset name is blank." in said
    assert jobs.recent(ws) == []
