"""The whole job from an empty app, in the browser alone, on real photos."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.actions import download, give_name, import_by_path, predict
from tests.browser.harness import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.shared_data, pytest.mark.timeout(600)]


@pytest.mark.usefixtures("worker")
@pytest.mark.usefixtures("worker")
def test_import_predict_relabel_three_keypoints_and_export_changes_just_those(
    visit: Callable[..., Visitor], shared_data: Path, tmp_path: Path
) -> None:
    photos = shared_data / "coco_photos"
    source = photos / "person_keypoints_val2017.json"
    visitor = visit()
    page = visitor.page
    visitor.go("")
    give_name(page, "Ada Lovelace")
    import_by_path(page, "val2017", source, photos / "val2017")
    visitor.picture("datasets")

    visitor.open_page("Inspect")
    predict(page)
    visitor.picture("inspect")

    visitor.open_page("Relabel")
    visitor.wait_for_editor()
    before = json.loads(source.read_bytes())
    person = annotation(before, visitor.item)
    visitor.picture("relabel")
    page.locator(".stageHost").click(position={"x": 5, "y": 5})
    assert person["keypoints"][2:9:3] == [2, 2, 2]
    visitor.type_keys("1", "0", "1")
    visitor.wait_until_saved()
    visitor.picture("relabel_done")

    visitor.open_page("Export")
    expect(page.get_by_test_id("stMain")).to_contain_text("3")
    visitor.picture("export")
    exported = download(page, tmp_path)
    after = json.loads(exported.read_bytes())
    changed = annotation(after, person["id"])
    expected = [*person["keypoints"]]
    expected[2], expected[3:6], expected[8] = 1, [0, 0, 0], 1
    assert changed["keypoints"] == expected
    assert changed["num_keypoints"] == person["num_keypoints"] - 1
    changed["keypoints"], changed["num_keypoints"] = person["keypoints"], person["num_keypoints"]
    assert after == before
    # three flags, the place of the one that became 0, and num_keypoints
    assert changed_numbers(source.read_text(), exported.read_text()) == 3 + 2 + 1


def annotation(file: dict[str, Any], annotation_id: int) -> dict[str, Any]:
    found: dict[str, Any] = next(a for a in file["annotations"] if a["id"] == annotation_id)
    return found


def changed_numbers(before: str, after: str) -> int:
    """How many comma-separated parts of the two files differ."""
    one, two = before.split(","), after.split(",")
    assert len(one) == len(two)
    return sum(a != b for a, b in zip(one, two, strict=True))
