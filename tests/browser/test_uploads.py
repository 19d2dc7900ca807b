"""Files brought in by upload, ordinary and odd ones, from import to export."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.actions import download, give_name, import_by_upload
from tests.browser.harness import Visitor
from tests.browser.people import write_people

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker")]


def a_zip(folder: Path, *, named: bool = True) -> tuple[Path, bytes]:
    """People and their photos in one zip, and the bytes of its JSON."""
    file, photos = write_people(folder)
    coco = json.loads(file.read_bytes())
    if not named:
        for each in coco["annotations"]:
            each["keypoints"] = each["keypoints"][:12]
            each["num_keypoints"] = sum(v > 0 for v in each["keypoints"][2::3])
        coco["categories"] = [{"id": 1, "name": "person"}]
    source = json.dumps(coco, indent=1).encode()
    path = folder / "people.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("people.json", source)
        for photo in photos.iterdir():
            packed.write(photo, f"photos/{photo.name}")
    return path, source


def test_a_zip_is_uploaded_relabelled_and_exported(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    path, source = a_zip(tmp_path)
    visitor = visit()
    visitor.go("")
    give_name(visitor.page, "Ada")
    import_by_upload(visitor.page, "zipped", path)
    visitor.open_page("Relabel")
    visitor.wait_for_editor()
    visitor.type_keys("1")
    visitor.wait_until_saved()
    visitor.open_page("Export")
    exported = download(visitor.page, tmp_path).read_bytes()
    different = [
        (before, after)
        for before, after in zip(source.splitlines(), exported.splitlines(), strict=True)
        if before != after
    ]
    assert [(before.strip(), after.strip()) for before, after in different] == [(b"2,", b"1,")]


def test_four_unnamed_keypoints_without_a_skeleton_go_all_the_way(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    path, source = a_zip(tmp_path, named=False)
    visitor = visit("Ada")
    page = visitor.page
    visitor.go("")
    import_by_upload(page, "unnamed", path)
    visitor.open_page("Inspect")
    expect(page.get_by_test_id("stMain")).to_contain_text("keypoint 4")
    visitor.open_page("Relabel")
    visitor.wait_for_editor()
    expect(page.locator(".row")).to_have_count(4)
    visitor.type_keys("g", "a", "1", "Enter", "ArrowRight", "0")
    visitor.wait_until_saved()
    visitor.picture("editor_unnamed")
    visitor.open_page("Export")
    after = json.loads(download(page, tmp_path).read_bytes())
    first, second = (each["keypoints"][2::3] for each in after["annotations"][:2])
    assert (first, second) == ([1, 1, 1, 0], [0, 2, 1, 0])
    assert len(after["annotations"]) == len(json.loads(source)["annotations"])
