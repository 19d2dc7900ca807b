"""`python -m app` while it still loads its verbs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED_WHILE_LOADING = """
import runpy, sys

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "app.command_line":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
runpy.run_module("app", run_name="__main__")
"""


def test_ctrl_c_while_the_program_loads_is_said_in_words() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        130,
        "",
        "Stopped; nothing was changed.\n",
    )
