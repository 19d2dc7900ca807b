"""Names that are markup elsewhere are shown letter by letter, and none of them is run."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.settings import Settings
from app.workflow.import_dataset import import_dataset
from app.workflow.relabel import save_snapshot
from app.workflow.workspace import Workspace, open_workspace
from core.data.prediction import Prediction
from db import runs
from tests.browser.harness import App, Visitor, running_app

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)> **bold** $x$ :material/x: [a](javascript:alert(1))"
# As a file name: `:material` is a folder then.
FILE = f"{MARKUP}.png"
# `plain` puts an unseen letter behind a colon; a browser joins spaces.
SHOWN = re.compile(re.escape(MARKUP).replace(":", ":\u2060?"))
KEYPOINTS = (MARKUP, f"{MARKUP} 2", "<b>nose</b>")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("markup")
    settings = Settings(data_dir=folder / "data")
    ws = open_workspace(settings)
    _import(ws, folder)
    ws.close()
    with running_app(settings.data_dir, folder / "server.log") as running:
        yield running


def _import(ws: Workspace, folder: Path) -> None:
    photo = folder / "photos" / FILE
    photo.parent.mkdir(parents=True)
    # OpenCV chooses the format by the name's end, which it finds here, too.
    cv2.imwrite(str(photo), np.full((120, 160, 3), 90, np.uint8))
    content = {
        "info": {"description": MARKUP},
        "licenses": [{"id": 1, "name": MARKUP}],
        "images": [
            {"id": 1, "file_name": FILE, "width": 160, "height": 120},
            {"id": 2, "file_name": f"missing {FILE}", "width": 160, "height": 120},
        ],
        "annotations": [
            {
                "id": 100 + n,
                "image_id": n,
                "category_id": 1,
                "iscrowd": 0,
                "bbox": [20, 20, 80, 80],
                "area": 6400,
                "num_keypoints": 2,
                "keypoints": [30, 30, 2, 60, 60, 1, 0, 0, 0],
            }
            for n in (1, 2)
        ],
        "categories": [
            {"id": 1, "name": MARKUP, "keypoints": list(KEYPOINTS), "skeleton": [[1, 2]]},
        ],
    }
    file = folder / f"{MARKUP.replace('/', '_')}.json"
    file.write_text(json.dumps(content))
    info = import_dataset(ws, MARKUP, file, images_dir=folder / "photos")
    _predict(ws, info.id)
    edit = {"keypoint": 0, "base_revision": 0, "kind": "set", "v": 1, "reason": MARKUP}
    for label_set in ("main", MARKUP):
        snapshot = {"dataset": MARKUP, "item": 101, "seq": 1, "step": "s", "edits": [edit]}
        snapshot |= {"label_set": label_set, "annotator": MARKUP}
        assert save_snapshot(ws, MARKUP, snapshot, annotator=MARKUP).written == 1


def _predict(ws: Workspace, dataset_id: int) -> None:
    run_id = runs.begin_run(
        ws.engine,
        dataset_id,
        model=MARKUP,
        checkpoint_sha256="0" * 64,
        keypoint_names=KEYPOINTS,
        box_source="annotated",
    )
    prediction = Prediction(
        image_id=1,
        annotation_id=101,
        index=0,
        box_xywh_px=np.array([20, 20, 80, 80], np.float32),
        xy_image_px=np.full((3, 2), 40, np.float32),
        vis3=np.tile(np.array([0.1, 0.8, 0.1], np.float32), (3, 1)),
    )
    runs.insert_predictions(ws.engine, run_id, [prediction])
    runs.finish_run(ws.engine, run_id, MARKUP)


@pytest.fixture
def mallory(visit: Callable[..., Visitor]) -> Iterator[Visitor]:
    """Somebody of that name; at the end no dialog may have been opened."""
    visitor = visit(quote(MARKUP))
    said: list[str] = []
    visitor.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    yield visitor
    assert said == []


def _is_shown_as_it_is(page: Page, *places: str) -> None:
    """Each place holds the name letter by letter, and nothing on the page was made of it."""
    for place in places:
        expect(page.locator(place).filter(has_text=SHOWN).first).to_be_attached()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    # Locators look into shadow roots, where our components live.
    for made in (
        "img[onerror]",
        'img[src="x"]',
        'a[href^="javascript:"]',
        ".katex",
        'strong:text-is("bold")',
        'b:text-is("nose")',
    ):
        expect(page.locator(made)).to_have_count(0)


SIDEBAR = '[data-testid="stSidebar"]'


def test_on_datasets(mallory: Visitor) -> None:
    mallory.go(f"?dataset={quote(MARKUP)}")
    page = mallory.page
    _is_shown_as_it_is(page, SIDEBAR, "h3", '[data-testid="stCaptionContainer"]')
    page.get_by_role("tab", name="Checks").click()
    page.locator('[data-testid="stExpander"] summary').last.click()
    _is_shown_as_it_is(page, '[data-testid="stText"]')
    page.get_by_role("tab", name="Manage").click()
    page.locator('[class*="st-key-delete_typed_"] input').fill("no")
    page.get_by_role("button", name="Delete", exact=True).click()
    _is_shown_as_it_is(page, '[data-testid="stAlert"]')
    mallory.go(f"?dataset={quote(MARKUP + '!')}")
    _is_shown_as_it_is(page, '[data-testid="stAlert"]')


def test_on_inspect(mallory: Visitor) -> None:
    mallory.go(f"inspect?dataset={quote(MARKUP)}&run={quote(MARKUP)}")
    page = mallory.page
    page.locator("svg image").first.wait_for()
    expect(page.locator(".st-key-choose_run input")).to_have_value(MARKUP)
    _is_shown_as_it_is(page, SIDEBAR, "table")
    mallory.go(f"inspect?dataset={quote(MARKUP)}&image=2")
    expect(page.locator('[data-testid="stMain"]')).to_contain_text(SHOWN)
    _is_shown_as_it_is(page, SIDEBAR)


def test_on_relabel(mallory: Visitor) -> None:
    mallory.go(f"relabel?dataset={quote(MARKUP)}&run={quote(MARKUP)}&item=101")
    mallory.wait_for_editor()
    page = mallory.page
    _is_shown_as_it_is(page, SIDEBAR, ".editor .row", ".editor")
    mallory.type_keys("1", "0")
    mallory.wait_until_saved()
    _is_shown_as_it_is(page, SIDEBAR, ".editor .row")


def test_on_export(mallory: Visitor) -> None:
    mallory.go(f"export?dataset={quote(MARKUP)}")
    page = mallory.page
    expect(page.locator('[data-testid="stMain"]')).to_contain_text("differs from the imported")
    _is_shown_as_it_is(page, SIDEBAR)
    page.locator(".st-key-export_labels button").click()
    _is_shown_as_it_is(page, '[role="option"]')
    page.get_by_role("option").filter(has_text=SHOWN).click()
    expect(page.locator(".st-key-export_labels input")).to_have_value(f"of {MARKUP} alone")
    _is_shown_as_it_is(page, SIDEBAR)
    page.locator(".st-key-export_path input").fill(f"/nowhere {MARKUP}/out.json")
    page.locator(".st-key-export_write button").click()
    _is_shown_as_it_is(page, '[data-testid="stAlert"]')


def test_on_jobs(mallory: Visitor) -> None:
    mallory.go("jobs")
    _is_shown_as_it_is(mallory.page, SIDEBAR)
