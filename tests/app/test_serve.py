import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from app.serve import address_to_open, check_address, children
from app.settings import Settings
from app.workflow.jobs import living_workers
from app.workflow.workspace import open_workspace
from core.errors import UserError
from tests.app.worker.worker_process import until

ROOT = Path(__file__).resolve().parents[2]


def a_free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def settings(**values: object) -> Settings:
    return Settings().model_copy(update=values)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("127.0.0.1", "http://localhost:8501"),
        ("0.0.0.0", "http://localhost:8501"),
        ("192.0.2.7", "http://192.0.2.7:8501"),
        ("2001:db8::7", "http://[2001:db8::7]:8501"),
    ],
)
def test_the_printed_address_opens_in_a_browser(address: str, shown: str) -> None:
    assert address_to_open(settings(address=address)) == shown


def test_the_program_listens_on_this_machine_only_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "--server.address=127.0.0.1" in children(Settings())[0].command
    monkeypatch.setenv("HALFSEEN_ADDRESS", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    command = children(Settings())[0].command
    assert "--server.address=0.0.0.0" in command
    assert "--server.port=9000" in command


def test_a_port_in_use_is_refused_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError) as error:
            check_address("127.0.0.1", port)
    assert str(error.value) == (
        f"Port {port} is in use. Choose another, e.g. PORT={port + 1} make run."
    )


def test_a_port_for_administrators_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may use every port, so the system's answer to others is given by hand.
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(UserError) as error:
        check_address("127.0.0.1", 80)
    assert str(error.value) == (
        "Port 80 needs an administrator's rights. Set PORT to 1024 or more."
    )


def test_an_address_nobody_can_listen_at_is_refused_in_words() -> None:
    with pytest.raises(UserError, match=r"Nothing can listen at 192\.0\.2\.7 port 8501: ") as error:
        check_address("192.0.2.7", 8501)
    assert error.value.remedy == "Set HALFSEEN_ADDRESS to an address of this machine."


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_number_that_is_no_port_is_refused_in_words(port: int) -> None:
    with pytest.raises(UserError) as error:
        check_address("127.0.0.1", port)
    assert str(error.value) == f"{port} is no port. Set PORT to 1024..65535."


def test_a_free_address_is_accepted() -> None:
    check_address("127.0.0.1", a_free_port())


def test_serve_prepares_says_the_address_restarts_what_dies_and_stops_cleanly(
    own_data_dir: Path, tmp_path: Path
) -> None:
    port = a_free_port()
    with (tmp_path / "words").open("w+") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--prepare"],
            cwd=ROOT,
            env={**os.environ, "PORT": str(port)},
            stdout=words,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for_words(words.name, f"Halfseen is at http://localhost:{port}", process)
            assert health(port) == b"ok"
            worker = process_of(process.pid, "worker")
            first = process_of(process.pid, "streamlit")
            os.kill(first, signal.SIGKILL)
            wait_for_words(words.name, "It is back.", process)
            assert health(port) == b"ok"
            second = process_of(process.pid, "streamlit")
            ws = open_workspace()
            until(lambda: bool(living_workers(ws)))
            os.kill(worker, signal.SIGKILL)
            wait_for_words(words.name, "The worker process ended (exit code -9)", process)
            again = process_of(process.pid, "worker")
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
            assert not is_there(second)
            assert not is_there(again)
            check_address("127.0.0.1", port)
        finally:
            process.kill()
            process.wait()
    said = Path(words.name).read_text()
    assert 'as dataset "sample"' in said
    assert "The web process ended (exit code -9); again in 0.5 s." in said
    assert "Traceback" not in said


def wait_for_words(file: str, expected: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if expected in Path(file).read_text():
            return
        time.sleep(0.05)
    pytest.fail(f"{expected!r} was not said, but: {Path(file).read_text()}")


def health(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
        return bytes(answer.read())


def process_of(pid: int, name: str) -> int:
    """The child of that process whose command has this word; waits until there is one."""
    found: list[int] = []

    def look() -> bool:
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        lines = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
        found[:] = [int(own) for own, parent, args in lines if int(parent) == pid and name in args]
        return bool(found)

    until(look)
    return found[0]


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
