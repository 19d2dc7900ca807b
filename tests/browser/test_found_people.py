"""People found in a real browser: on an upload, and by a job on the photos of a dataset."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import expect

from app.settings import Settings
from app.workflow.workspace import open_workspace
from core.data.drawn import draw_scene
from tests.browser.harness import App, Visitor, running_app, running_worker
from tests.browser.people import import_people
from tests.core.inference.small_whole_picture import a_whole_picture_model

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FIRST_MS = 120_000  # the models may have to be loaded first
PEOPLE = 3


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[App]:
    """A web process with a worker, a dataset, and a model that finds three people anywhere."""
    folder = tmp_path_factory.mktemp("found")
    data = folder / "data"
    import_people(open_workspace(Settings(data_dir=data)), "people", folder / "files")
    a_whole_picture_model(data / "checkpoints" / "finder", people=PEOPLE)
    with (
        running_app(data, folder / "server.log") as running,
        running_worker(running),
    ):
        yield running


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A drawn picture."""
    path = tmp_path / "drawn people.png"
    cv2.imwrite(str(path), draw_scene(3).photo_bgr)
    return path


def test_people_on_an_upload_are_found_posed_and_taken_away_as_numbers(
    visit: Callable[..., Visitor], photo: Path, tmp_path: Path
) -> None:
    visitor = visit("Ada")
    visitor.go("inspect?upload=new&model=metamodel_tiny&people=finder")
    page = visitor.page
    page.locator('input[type="file"]').set_input_files(photo)
    chips = page.locator(".chip")
    expect(chips).to_have_text(["found 1", "found 2", "found 3"], timeout=FIRST_MS)
    expect(page.locator(".stage .person .box")).to_have_count(PEOPLE)
    expect(page.locator("caption")).to_contain_text("detection 0.9")
    chips.nth(2).click()
    expect(page.locator(".person.chosen")).to_have_attribute("data-person", "f3")
    expect(page.locator("tbody tr")).to_have_count(17)
    page.get_by_role("button", name="The same as COCO results").wait_for()
    with page.expect_download() as started:
        page.get_by_role("button", name="The same as COCO results").click()
    started.value.save_as(tmp_path / "found.json")
    results = json.loads((tmp_path / "found.json").read_text())
    assert len(results) == PEOPLE
    assert all(len(each["keypoints"]) == 51 and each["visibility"] for each in results)

    # The model itself may be asked to find them: it gives places without flags.
    page.goto(page.url.replace("model=metamodel_tiny", "model=finder"))
    expect(chips).to_have_text(["found 1", "found 2", "found 3"], timeout=FIRST_MS)
    expect(page.locator(".legend")).to_contain_text("place only, no flag")
    expect(page.locator(".stage .place").first).to_be_visible()
    expect(page.locator("thead th")).to_have_text(["keypoint", "map"])
    visitor.picture("found_people")


def test_a_job_finds_people_and_shows_them_beside_those_annotated(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit("Ada")
    visitor.go("inspect?dataset=people")
    page = visitor.page
    page.get_by_role("button", name="Predict").first.click()
    page.get_by_role("combobox", name="People").click()
    page.get_by_role("option", name="found by finder").click()
    page.get_by_role("button", name="Predict all persons").click()
    said = page.get_by_test_id("stAlertContentSuccess")
    expect(said).to_contain_text("9 persons on 3 photos.", timeout=FIRST_MS)
    chips = page.locator(".chip")
    expect(chips.filter(has_text="person ")).to_have_count(2)
    expect(chips.filter(has_text="found ")).not_to_have_count(0)
    chips.filter(has_text="found ").first.click()
    expect(page.locator("tbody tr")).to_have_count(17)
