"""The verb `train` as people and scripts meet it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.command_line import main
from core.training.recipes import RECIPES
from tests.core.training.people_sets import write_drawn

Said = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return write_drawn(tmp_path / "drawn", count=5)


def test_without_a_recipe_it_lists_them(capsys: Said) -> None:
    assert main(["train"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["recipe", "what", "it", "trains"]
    assert [line.split()[0] for line in said[1:]] == sorted(RECIPES)
    assert main(["train", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(RECIPES)


def test_listing_recipes_leaves_torch_alone() -> None:
    program = (
        "import sys; from app.command_line import main; main(['train']); "
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["--epochs", "--threads"])
def test_nothing_is_trained_for_less_than_one_epoch_or_thread(option: str, capsys: Said) -> None:
    assert main(["train", "tiny/metamodel", "--data", "x", option, "0"]) == 2
    assert "greater than or equal to 1" in capsys.readouterr().err


def test_it_trains_says_the_figures_and_how_to_use_it(
    drawn: Path, tmp_path: Path, capsys: Said
) -> None:
    words = ["train", "tiny/metamodel", "--data", str(drawn), "--epochs", "1", "--threads", "1"]
    out = tmp_path / "mine"
    assert main([*words, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"mine is trained: {out}\n  PCK@0.1 of the box side, ")
    assert "\n  F1 of hidden, " in said.out
    assert said.out.endswith(f"Use it: --model {out}\n")
    assert main(["train", "tiny/metamodel", "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["report"]["folder"] == str(out)
    assert found["report"]["name"] == "mine"
    assert 0 <= found["report"]["figures"][0]["value"] <= 1
    assert main(["predict", "nope", "--model", str(out)]) == 1  # the dataset is what is missing
    assert "There is no dataset 'nope'" in capsys.readouterr().err


def test_an_unknown_recipe_is_refused_in_words(capsys: Said) -> None:
    assert main(["train", "huge", "--data", "x"]) == 1
    assert capsys.readouterr().err == (
        "There is no recipe 'huge'. Recipes are e.g. tiny/flags, tiny/hpcvnet, tiny/hybridpose, "
        "tiny/metamodel, tiny/oahpe, tiny/visaware; `python -m app train` lists them all.\n"
    )


def test_a_worker_can_be_asked_to_do_it(drawn: Path, tmp_path: Path, capsys: Said) -> None:
    words = ["train", "tiny/metamodel", "--data", str(drawn), "--out", str(tmp_path / "mine")]
    assert main([*words, "--detach", "--json"]) == 0
    job = json.loads(capsys.readouterr().out)["job"]
    assert main(["jobs", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["verb"], listed["state"]) == (job, "train", "waiting")
    assert listed["title"] == "Training mine by tiny/metamodel"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_the_state_and_says_how_to_go_on(
    drawn: Path, tmp_path: Path, own_data_dir: Path, number: signal.Signals
) -> None:
    out = tmp_path / "mine"
    words = ["train", "tiny/metamodel", "--data", str(drawn), "--epochs", "400", "--threads", "1"]
    running = subprocess.Popen(
        [sys.executable, "-m", "app", *words, "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    state = out / "run/places/state.pt"
    until = time.monotonic() + 90
    while not state.exists() and time.monotonic() < until:
        assert running.poll() is None
        time.sleep(0.05)
    before = state.stat().st_mtime_ns
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said == (
        f"Stopped; the state is kept. To go on: python -m app train tiny/metamodel --out {out}\n"
    )
    assert state.stat().st_mtime_ns > before
