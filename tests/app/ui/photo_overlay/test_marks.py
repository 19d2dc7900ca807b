import subprocess
from pathlib import Path


def test_what_is_drawn_where(node):
    script = Path(__file__).with_name("marks.test.mjs")
    ran = subprocess.run([node, "--test", script], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
