"""The two pictures of the README's tour: `python benchmarks/tour.py [FOLDER]`.

Starts the app on a data directory of its own, with the sample set of drawn people and a run of
metamodel_tiny on it, and goes the way of the tour in a real browser: a few labels that are wrong
on purpose are put right by key, then the page Export shows them. Without FOLDER the pictures are
put into local/tour, which is never committed; with docs/images they are those of the README.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2
import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from app.settings import Settings
from app.workflow.browse import image_with, people_on
from app.workflow.predict import predict_dataset
from app.workflow.sample import NAME, add_sample
from app.workflow.workspace import Workspace, open_workspace
from core.data.drawn.dataset_writer import TRUTH_NAME
from tests.browser.harness import FLAGS, Visitor, new_visitor, running_app
from tests.machine import NO_CHROMIUM, find_chromium

MODEL, RUN = "metamodel_tiny", "metamodel_tiny-1"
WIDTH_PX, HEIGHT_PX = 1400, 900  # of the window
SHRUNK_TO = 1100 / WIDTH_PX  # what a README shows
MOST_BYTES = 250_000
CHANGES = 12  # flags that are put right, at least


def main() -> int:
    """Make the pictures; 1 if one is larger than it may be."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "local" / "tour"
    chromium = find_chromium()
    if chromium is None:
        print(f"{NO_CHROMIUM} No picture was made.")
        return 0
    for name in [name for name in os.environ if name.startswith(("HALFSEEN_", "STREAMLIT_"))]:
        del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="halfseen-tour-") as name:
        data_dir = Path(name) / "data"
        ws = open_workspace(Settings(data_dir=data_dir))
        add_sample(ws)
        predict_dataset(ws, NAME, model=MODEL, run_name=RUN)
        with running_app(data_dir, Path(name) / "server.log") as app, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
            pictures = go(ws, new_visitor(browser, app, "Ada"))
            browser.close()
        ws.close()
    return keep(pictures, folder)


def go(ws: Workspace, visitor: Visitor) -> dict[str, bytes]:
    """The way of the tour; screenshots by name."""
    page = visitor.page
    page.set_viewport_size({"width": WIDTH_PX, "height": HEIGHT_PX})
    visitor.go(f"relabel?dataset={NAME}&run={RUN}")
    visitor.wait_for_editor()
    true = true_flags(ws)
    pictures, changed, most = {}, 0, 0
    while changed < CHANGES:
        wrong = wrong_flags(ws, visitor.item, true)
        if wrong:
            relabel(visitor, wrong)
            visitor.wait_until_saved()
        changed += len(wrong)
        if len(wrong) > most:
            pictures["tour_relabel"], most = screenshot(page), len(wrong)
        visitor.type_keys("ArrowRight")
        page.wait_for_timeout(500)
    visitor.open_page("Export")
    expect(page.locator(".card").first).to_be_visible()
    pictures["tour_export"] = screenshot(page)
    return pictures


def true_flags(ws: Workspace) -> dict[int, list[int]]:
    """What the drawn people's labels should say, by annotation id."""
    (file,) = (ws.data_dir / "samples").glob(f"*/{TRUTH_NAME}")
    people = json.loads(file.read_bytes())["annotations"]
    return {person["id"]: person["keypoints"][2::3] for person in people}


def wrong_flags(
    ws: Workspace, annotation_id: int, true: dict[int, list[int]]
) -> list[tuple[int, int]]:
    """The labelled keypoints of a person whose flag is another in truth, with this."""
    image = image_with(ws, NAME, annotation_id)
    people = people_on(ws, NAME, image.id)
    person = next(each for each in people if each.annotation_id == annotation_id)
    flags = zip(person.given, true[annotation_id], strict=True)
    return [(k, v) for k, (label, v) in enumerate(flags) if 0 < label.visibility != v]


def relabel(visitor: Visitor, flags: list[tuple[int, int]]) -> None:
    """Set flags by key."""
    for keypoint, flag in flags:
        while visitor.active != keypoint:
            visitor.type_keys("ArrowDown")
        visitor.type_keys(f"Shift+Digit{flag}")


def screenshot(page: Page) -> bytes:
    """The window once nothing moves any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    return page.screenshot()


def keep(pictures: dict[str, bytes], folder: Path) -> int:
    """Write them as JPEG files for a README."""
    folder.mkdir(parents=True, exist_ok=True)
    too_large = 0
    for name, png in pictures.items():
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        small = cv2.resize(picture, None, fx=SHRUNK_TO, fy=SHRUNK_TO, interpolation=cv2.INTER_AREA)
        out = folder / f"{name}.jpg"
        cv2.imwrite(str(out), small, [cv2.IMWRITE_JPEG_QUALITY, 85])
        size = out.stat().st_size
        too_large += size > MOST_BYTES
        print(f"{out}: {size:,} bytes, budget {MOST_BYTES:,}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
