"""What a person does on the pages beside the editor."""

from pathlib import Path

from playwright.sync_api import Page, expect

IMPORT_MS, PREDICT_MS = 60_000, 400_000  # a few seconds each on a machine that is not busy


def give_name(page: Page, name: str) -> None:
    page.locator(".st-key-annotator_name input").fill(name)
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_test_id("stSidebar")).to_contain_text(name)


def import_by_path(page: Page, name: str, file: Path, photos: Path) -> None:
    page.locator(".st-key-import_name input").fill(name)
    page.locator(".st-key-import_file input").fill(str(file))
    page.locator(".st-key-import_photos input").fill(str(photos))
    page.locator(".st-key-import_path_submit button").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=IMPORT_MS)


def predict(page: Page) -> None:
    page.get_by_test_id("stPopover").filter(has_text="Predict").get_by_role("button").click()
    page.locator(".st-key-predict_start button").click()
    expect(page.get_by_test_id("stProgress").first).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stAlert").first).to_be_visible(timeout=PREDICT_MS)
    expect(page.get_by_test_id("stAlertContentSuccess").first).to_be_visible()


def download(page: Page, folder: Path) -> Path:
    with page.expect_download(timeout=60_000) as waiting:
        page.locator(".st-key-export_download button").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def import_by_upload(page: Page, name: str, file: Path) -> None:
    page.get_by_role("tab", name="Zip upload").click()
    page.locator(".st-key-upload_name input").fill(name)
    page.locator('.st-key-upload_file input[type="file"]').set_input_files(file)
    expect(page.get_by_test_id("stFileChip")).to_be_visible()
    page.locator(".st-key-import_upload_submit button").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=IMPORT_MS)
