"""What `make` says and does on machines that lack something."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of made-up programs that are found before the real ones."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def make(target: str, programs: Path, venv: Path) -> "subprocess.CompletedProcess[str]":
    # The tests themselves may have been started by make.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-s", target, f"VENV={venv}"],
        cwd=ROOT,
        env={**outside, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_an_old_python_is_answered_with_what_to_do(programs: Path, tmp_path: Path) -> None:
    for name in PYTHONS:
        put(programs, name, 'test "$1" = --version && echo "Python 3.9.2"')
    done = make("venv", programs, tmp_path / "venv")
    assert done.returncode != 0
    assert "Halfseen needs Python 3.11 or newer; Python 3.9.2." in done.stderr
    assert "make run PYTHON=/path/to/python3.12" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.fixture
def without_venv_module(programs: Path, tmp_path: Path) -> Path:
    """A Python as Debian's is without python3-venv, until `apt-get install` was called."""
    installed = tmp_path / "installed"
    for name in PYTHONS:
        put(
            programs,
            name,
            f'case "$*" in *ensurepip*) test -e {installed}; exit;; esac\n'
            f'exec {sys.executable} "$@"',
        )
    put(programs, "sudo", 'shift; exec "$@"')
    return installed


def test_a_missing_venv_module_is_installed_where_that_is_allowed(
    without_venv_module: Path, programs: Path, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    put(
        programs,
        "apt-get",
        f'echo "$@" >> {calls}; case "$*" in *install*) touch {without_venv_module};; esac',
    )
    done = make("venv", programs, tmp_path / "venv")
    assert done.returncode == 0, done.stderr
    package = f"python3.{sys.version_info.minor}-venv"
    assert calls.read_text().splitlines() == [
        "-qq update",
        f"-qq install -y --no-install-recommends {package}",
    ]
    assert (tmp_path / "venv" / "bin" / "python").exists()


def test_a_missing_venv_module_that_cannot_be_installed_is_answered_with_what_to_do(
    without_venv_module: Path, programs: Path, tmp_path: Path
) -> None:
    put(programs, "apt-get", "exit 100")
    done = make("venv", programs, tmp_path / "venv")
    assert done.returncode != 0
    assert re.search(
        r"Install it \(sudo apt-get install python3\.\d+-venv\), then try again\.", done.stderr
    )
    assert not without_venv_module.exists()


def test_packages_are_installed_once_and_again_only_when_the_lists_change(
    programs: Path, tmp_path: Path
) -> None:
    venv, calls = tmp_path / "venv", tmp_path / "calls"
    put(venv / "bin", "python", f'echo "$@" >> {calls}')
    assert make("setup", programs, venv).returncode == 0
    assert "-m pip install" in calls.read_text()
    assert "-c constraints.txt -r requirements.txt" in calls.read_text()
    calls.unlink()
    assert make("setup", programs, venv).returncode == 0
    assert "pip install" not in calls.read_text()
    (venv / "requirements.txt.installed").write_text("of an older list")
    assert make("setup", programs, venv).returncode == 0
    assert "pip install" in calls.read_text()


def test_a_failed_installation_is_tried_again(programs: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    put(venv / "bin", "python", 'case "$*" in *install*) exit 1;; esac')
    for _ in range(2):
        done = make("setup", programs, venv)
        assert done.returncode != 0
        assert "Installing the packages of requirements.txt" in done.stdout


def test_an_interrupted_environment_is_made_anew(programs: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    put(venv / "bin", "python", "exit 1")
    (venv / "left over").touch()
    assert make("venv", programs, venv).returncode == 0
    assert not (venv / "left over").exists()


def test_make_alone_lists_the_commands(programs: Path, tmp_path: Path) -> None:
    done = make("help", programs, tmp_path / "venv")
    listed = re.findall(r"^  make ([a-z-]+) ", done.stdout, re.MULTILINE)
    setups = ["setup", "setup-onnx", "setup-dev"]
    assert listed == ["help", "run", *setups, "test", "lint", "bench", "clean"]
