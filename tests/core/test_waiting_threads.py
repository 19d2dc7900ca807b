import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAY = "import core, os; print(os.environ['OMP_WAIT_POLICY'])"


@pytest.mark.parametrize(("before", "after"), [(None, "passive"), ("active", "active")])
def test_torch_threads_that_wait_do_not_spin_unless_somebody_says_so(
    before: str | None, after: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if before is not None:
        environment["OMP_WAIT_POLICY"] = before
    said = subprocess.run(
        [sys.executable, "-c", SAY], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert said.stdout.strip() == after
