import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.workflow.locks import LockTaken, is_locked, locked

HOLD = """
import sys, time
from pathlib import Path
from app.workflow.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "work.lock"


def a_holder(lock: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_lock_is_held_inside_and_leaves_no_file(lock: Path) -> None:
    assert not is_locked(lock)
    with locked(lock):
        assert is_locked(lock)
    assert not is_locked(lock)
    assert list(lock.parent.iterdir()) == []


def test_a_second_holder_is_refused_who_does_not_wait(lock: Path) -> None:
    with locked(lock), pytest.raises(LockTaken, match=r"work\.lock"), locked(lock, wait=False):
        pytest.fail("two held it")


def test_a_lock_of_another_process_is_seen_and_ends_when_it_is_killed(lock: Path) -> None:
    child = a_holder(lock)
    assert is_locked(lock)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert lock.exists()
    assert not is_locked(lock)
    with locked(lock, wait=False):
        assert is_locked(lock)


def test_a_child_process_does_not_inherit_a_lock(lock: Path) -> None:
    with locked(lock):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert not is_locked(lock)
    child.communicate()


def test_many_may_share_a_lock_and_the_last_takes_the_file_away(lock: Path) -> None:
    with locked(lock, shared=True):
        with locked(lock, shared=True, wait=False):
            assert is_exclusive_refused(lock)
        assert is_exclusive_refused(lock)
    assert list(lock.parent.iterdir()) == []


def is_exclusive_refused(lock: Path) -> bool:
    try:
        with locked(lock, wait=False):
            return False
    except LockTaken:
        return True


def test_threads_that_wait_for_one_lock_never_hold_it_together(lock: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with locked(lock):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert list(lock.parent.iterdir()) == []
