import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app import supervisor
from app.supervisor import Child, supervise
from core.errors import UserError


def a_child(code: str, *, ready: bool = True) -> Child:
    return Child("web", (sys.executable, "-c", code), lambda: ready, "It answers.")


def supervise_for_a_while(child: Child, tmp_path: Path, *, stop_at: int) -> list[str]:
    """What was said until `stop_at` sentences had been said."""
    stop = threading.Event()
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if len(said) == stop_at:
            stop.set()

    supervise([child], stop=stop, say=say, data_dir=tmp_path)
    return said


def test_a_child_is_greeted_once_it_is_ready_and_ended_with_the_supervisor(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    code = (
        "import pathlib, signal, sys, time\n"
        f"def end(*_): pathlib.Path({str(ended)!r}).touch(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\n"
        "time.sleep(60)"
    )
    child = Child(
        "web", (sys.executable, "-c", code), (tmp_path / "up").exists, "Halfseen is at home"
    )
    assert supervise_for_a_while(child, tmp_path, stop_at=1) == ["Halfseen is at home"]
    assert ended.exists()


def test_a_child_that_dies_is_started_again_after_a_growing_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.05)
    child = a_child("import time; time.sleep(0.5); raise SystemExit(3)")
    assert supervise_for_a_while(child, tmp_path, stop_at=6) == [
        "It answers.",
        "The web process ended (exit code 3); again in 0.05 s.",
        "It is back.",
        "The web process ended (exit code 3); again in 0.1 s.",
        "It is back.",
        "The web process ended (exit code 3); again in 0.2 s.",
    ]


def test_a_child_that_never_answers_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    with pytest.raises(UserError) as error:
        supervise_for_a_while(a_child("raise SystemExit(1)", ready=False), tmp_path, stop_at=99)
    assert str(error.value) == (
        "The web process ended 3 times (exit code 1) before it answered. Its own words are above."
    )


def test_a_child_that_is_not_needed_starts_last_and_ends_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    started = tmp_path / "started"
    code = f"import pathlib; pathlib.Path({str(started)!r}).touch(); raise SystemExit(1)"
    other = Child("worker", (sys.executable, "-c", code), lambda: True, "", needed=False)
    said: list[str] = []
    stop = threading.Event()

    def say(words: str) -> None:
        if words == "It answers.":
            assert not started.exists()
        said.append(words)
        if len(said) == 6:
            stop.set()

    supervise(
        [other, a_child("import time; time.sleep(60)")], stop=stop, say=say, data_dir=tmp_path
    )
    assert said[0] == "It answers."
    assert said[1] == "The worker process ended (exit code 1); again in 0.01 s."
    assert said[5] == "The worker process ended (exit code 1); again in 0.16 s."


def test_a_child_that_will_not_stop_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "GRACE_S", 0.3)
    up = tmp_path / "up"
    code = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(up)!r}).touch()\n"
        "time.sleep(60)"
    )
    child = Child("web", (sys.executable, "-c", code), up.exists, "It answers.")
    assert supervise_for_a_while(child, tmp_path, stop_at=1) == ["It answers."]


def test_children_get_the_data_directory_their_supervisor_was_started_with(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = (
        "import os, pathlib, time\n"
        f"path = pathlib.Path({str(seen)!r})\n"
        "path.with_suffix('.new').write_text(os.environ['HALFSEEN_DATA_DIR'])\n"
        "path.with_suffix('.new').rename(path)\n"
        "time.sleep(60)"
    )
    child = Child("web", (sys.executable, "-c", code), seen.exists, "It answers.")
    supervise_for_a_while(child, tmp_path / "mine", stop_at=1)
    assert seen.read_text() == str(tmp_path / "mine")


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # A dead process whose parent died as well may still wait to be collected.
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return not state.stdout.startswith("Z")


KILLED = """
import sys, threading
from pathlib import Path
from app.supervisor import Child, supervise

pid_file = Path(sys.argv[1])
code = (
    "import os, sys, time, pathlib\\n"
    "from app.supervisor import end_with_supervisor\\n"
    "end_with_supervisor()\\n"
    f"pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\\n"
    "time.sleep(60)"
)
child = Child("web", (sys.executable, "-c", code), pid_file.exists, "up")
supervise([child], stop=threading.Event(), say=lambda words: None, data_dir=pid_file.parent)
"""


def test_a_child_ends_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(pid_file)], cwd=supervisor.ROOT)
    give_up_at = time.monotonic() + 30
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    child = int(pid_file.read_text())
    assert is_alive(child)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    while is_alive(child) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert not is_alive(child)


def test_a_process_nobody_supervises_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(supervisor.SUPERVISED, raising=False)
    before = threading.active_count()
    supervisor.end_with_supervisor()
    assert threading.active_count() == before
