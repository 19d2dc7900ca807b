"""A real training, ended by SIGKILL wherever it happens to be."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.core.training.people_sets import write_drawn

ROOT = Path(__file__).resolve().parents[3]
KILLS = 4
STATES = ("places", "flags")


def the_verb(data: Path, out: Path, home: Path) -> subprocess.Popen[bytes]:
    """A training of small steps that saves its state after each of them."""
    program = (
        "import sys; from dataclasses import replace;"
        "from core.training import recipes;"
        "loops = {'places': dict(batch_size=4), 'flags': dict(batch_size=4, epochs=2)};"
        "r = recipes.RECIPES['tiny/metamodel'];"
        "small = lambda s: replace(s, loop=replace(s.loop, save_every_s=0.0, **loops[s.stage]));"
        "recipes.RECIPES['tiny/metamodel'] = replace(r, stages=tuple(map(small, r.stages)));"
        "from app.command_line import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["train", "tiny/metamodel", "--data", str(data), "--out", str(out)]
    words += ["--epochs", "3", "--threads", "1", "--seed", "4"]
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env={**os.environ, "HALFSEEN_DATA_DIR": str(home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )


def wait_for_state(out: Path, running: subprocess.Popen[bytes], after: float) -> None:
    """Until a state newer than `after` is there, or the training ends."""
    while running.poll() is None:
        states = [out / "run" / stage / "state.pt" for stage in STATES]
        if any(state.exists() and state.stat().st_mtime > after for state in states):
            return
        time.sleep(0.005)


@pytest.mark.timeout(900)
def test_a_training_killed_again_and_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    data = write_drawn(tmp_path / "drawn", count=6)
    assert the_verb(data, tmp_path / "whole", tmp_path / "home").wait(280) == 0
    rng = random.Random(5)
    out, killed = tmp_path / "killed", 0
    for _ in range(KILLS):
        begun = time.time()
        running = the_verb(data, out, tmp_path / "home")
        wait_for_state(out, running, begun)
        time.sleep(rng.uniform(0.0, 0.6))
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.wait(280)
    assert killed >= 2
    assert the_verb(data, out, tmp_path / "home").wait(280) == 0
    for name in ("weights.safetensors", "run/places/weights.safetensors"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert (out / "config.json").read_text().replace("/killed", "/whole").replace(
        '"killed"', '"whole"'
    ) == (tmp_path / "whole/config.json").read_text()
    assert load_file(out / "weights.safetensors")  # and they are weights
    left = {path.name for path in out.rglob("*") if path.name.startswith(".")}
    assert left == set()
