"""The worker's process: what it needs, what it is called, where it answers, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from app.worker.process import listening, own_name, require_sources
from app.workflow import jobs
from app.workflow.workspace import Workspace
from core.errors import UserError
from tests.app.worker.worker_process import ROOT, WorkerProcess, until
from tests.app.workflow.coco_files import imported

MakeWorker = Callable[..., WorkerProcess]


def test_names_are_given_in_order_and_again_once_they_are_free(ws: Workspace) -> None:
    first, lock = own_name(ws)
    second, _ = own_name(ws)
    assert first.endswith("-1")
    assert second == first.removesuffix("1") + "2"
    os.close(lock)
    assert own_name(ws)[0] == first


def test_a_worker_that_cannot_see_the_imported_files_says_so(ws: Workspace, tmp_path: Path) -> None:
    require_sources(ws)  # nothing is imported yet
    imported(ws, tmp_path)
    require_sources(ws)
    for source in ws.sources_dir.iterdir():
        source.unlink()
    with pytest.raises(UserError) as error:
        require_sources(ws)
    assert str(error.value) == (
        f"{ws.data_dir}: None of the 1 imported files is in this data directory. Workers need "
        "the data directory of the web process: a shared volume on several machines. Set "
        "HALFSEEN_DATA_DIR to it."
    )


def test_the_endpoint_listens_on_this_machine_only_unless_told_otherwise() -> None:
    with listening("") as found:
        assert found.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "write it as http://host:port"),
        ("https://127.0.0.1:9000", "write it as http://host:port"),
        ("http://127.0.0.1", "write it as http://host:port"),
        ("http://127.0.0.1:99999", "Port out of range 0-65535"),
        ("http://192.0.2.1:9000", "assign requested address"),
    ],
)
def test_an_address_the_endpoint_cannot_have_is_refused_in_words(url: str, why: str) -> None:
    with pytest.raises(UserError) as error:
        listening(url)
    said = str(error.value)
    assert said.startswith(f"HALFSEEN_WORKER_URL: The worker's endpoint cannot listen at {url}: ")
    assert why in said
    assert said.endswith("Unset it, or name an address of this machine: http://host:port.")


def test_the_verb_worker_refuses_in_words_where_it_cannot_start(own_data_dir: Path) -> None:
    own_data_dir.parent.mkdir(exist_ok=True)
    own_data_dir.write_text("a file, no folder")
    done = subprocess.run(
        [sys.executable, "-m", "app", "worker"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "The data directory cannot be made" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_can_be_asked_and_says_what_it_computes_on(
    ws: Workspace, a_worker: WorkerProcess
) -> None:
    (worker,) = jobs.living_workers(ws)
    with urllib.request.urlopen(f"{worker.url}/health", timeout=5) as answer:
        assert json.load(answer)["status"] == "ok"
    until(lambda: jobs.living_workers(ws)[0].device != "")
    assert jobs.living_workers(ws)[0].device == f"CPU, {os.cpu_count()} cores"
    assert jobs.living_workers(ws)[0].started_at == worker.started_at
    assert a_worker.stop() == 0
    assert "Traceback" not in a_worker.said()


def test_a_worker_answers_where_the_setting_says(
    ws: Workspace, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HALFSEEN_WORKER_URL", f"http://127.0.0.1:{port}/")
    make_worker().start()
    assert jobs.living_workers(ws)[0].url == f"http://127.0.0.1:{port}"


def test_a_worker_started_again_has_its_name_again_and_a_second_one_another(
    ws: Workspace, make_worker: MakeWorker
) -> None:
    first, second = make_worker(), make_worker()
    first.start()
    (name,) = [worker.name for worker in jobs.living_workers(ws)]
    first.kill()
    first.start()
    second.start()
    other = name.removesuffix("1") + "2"
    assert [worker.name for worker in jobs.living_workers(ws)] == [name, other]


def test_a_worker_ends_with_its_supervisor(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFSEEN_SUPERVISED", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    until(lambda: bool(jobs.living_workers(ws)))
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(15) == 0
    assert jobs.living_workers(ws) == []


def test_a_worker_starts_without_torch() -> None:
    code = "import sys, app.worker.process, app.worker.endpoint; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_ctrl_c_ends_a_worker_cleanly(ws: Workspace, a_worker: WorkerProcess) -> None:
    os.kill(a_worker.pid, signal.SIGINT)
    until(lambda: not a_worker.lives(), patience_s=10)
    assert jobs.living_workers(ws) == []
    assert "Traceback" not in a_worker.said()
