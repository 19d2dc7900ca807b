"""The overlay's JavaScript that needs no page: marks, frames, scores, boxes, heat maps; by Node."""

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.test.mjs")))
def test_the_overlays_javascript(name: str, node: Path) -> None:
    done = subprocess.run(
        [node, "--test", FOLDER / name], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
