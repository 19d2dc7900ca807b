"""Jobs in the browser: they outlive a reload and a closed tab, and go on when resumed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.settings import Settings
from app.workflow import jobs
from app.workflow.datasets import list_datasets
from app.workflow.jobs import JobState
from app.workflow.workspace import Workspace, open_workspace
from tests.app.worker.worker_process import ended, until
from tests.app.workflow.coco_files import a_coco, a_file
from tests.browser.harness import App, Visitor, running_worker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LARGE = 60_000  # images: an import of many seconds


@pytest.fixture
def ws(app: App) -> Workspace:
    return open_workspace(Settings(data_dir=app.data_dir))


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return a_file(tmp_path, a_coco(images=LARGE))


def ask_for_import(page: Page, file: Path) -> None:
    page.locator(".st-key-import_name input").fill("large")
    page.locator(".st-key-import_file input").fill(str(file))
    page.locator(".st-key-import_path_submit button").click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("Importing large")


@pytest.mark.usefixtures("worker")
def test_a_job_shows_its_progress_again_after_a_reload_and_to_others(
    visit: Callable[..., Visitor], ws: Workspace, large: Path
) -> None:
    visitor = visit("Ada")
    visitor.go("")
    ask_for_import(visitor.page, large)
    (job,) = jobs.recent(ws)
    until(lambda: jobs.find(ws, job.id).fraction > 0.1)
    visitor.page.reload()
    expect(visitor.page.get_by_test_id("stProgress")).to_contain_text("Importing large")
    other = visit("Bo")
    other.go("jobs")
    expect(other.page.get_by_test_id("stProgress")).to_contain_text("%")
    other.picture("jobs_running")
    assert ended(ws, job.id).state is JobState.DONE
    expect(visitor.page.get_by_role("heading", name="large")).to_be_visible(timeout=30_000)
    expect(other.page.get_by_test_id("stMain")).to_contain_text("60,000 images")
    expect(other.page.get_by_test_id("stProgress")).to_have_count(0)


@pytest.mark.usefixtures("worker")
def test_a_job_is_cancelled_and_resumed_on_the_page_that_asked_for_it(
    visit: Callable[..., Visitor], ws: Workspace, large: Path
) -> None:
    visitor = visit("Ada")
    page = visitor.page
    visitor.go("")
    ask_for_import(page, large)
    (job,) = jobs.recent(ws)
    until(lambda: jobs.find(ws, job.id).fraction > 0.1)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Importing large: cancelled.")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("Importing large")
    assert ended(ws, job.id).state is JobState.DONE
    assert [dataset.num_images for dataset in list_datasets(ws)] == [LARGE]


def test_a_job_waits_in_words_until_a_worker_is_started(
    visit: Callable[..., Visitor], app: App, ws: Workspace
) -> None:
    visitor = visit("Ada")
    page = visitor.page
    visitor.go("")
    page.get_by_role("tab", name="Drawn sample set").click()
    page.locator(".st-key-import_sample button").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Waiting: no worker is running.")
    visitor.picture("waiting")
    visitor.open_page("Jobs")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("No worker is running.")
    visitor.picture("jobs_waiting")
    with running_worker(app):
        (job,) = jobs.recent(ws)
        assert ended(ws, job.id).state is JobState.DONE
        expect(page.get_by_test_id("stMain")).to_contain_text("Imported 60 drawn pictures")
        expect(page.get_by_test_id("stMain")).to_contain_text("CPU")
        visitor.picture("jobs_done")
