"""What a card shows of a photo: JavaScript that needs no page, by Node."""

import subprocess
from pathlib import Path


def test_the_cards_javascript(node: Path) -> None:
    file = Path(__file__).with_name("card_view.test.mjs")
    done = subprocess.run(
        [node, "--test", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
