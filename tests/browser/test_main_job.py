"""The whole job from an empty app, in the browser alone, on real photos."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.actions import download, give_name, import_by_path, predict
from tests.browser.harness import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.shared_data, pytest.mark.timeout(600)]
PERSONS, OF_EACH = 2, 5  # ten keypoints
KEYPOINTS = 17
MOST_ITEMS = 40


@pytest.mark.usefixtures("worker")
def test_import_predict_relabel_ten_keypoints_and_export_changes_just_those(
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
    visitor.picture("relabel")
    before, wanted = json.loads(source.read_bytes()), json.loads(source.read_bytes())
    numbers = 0
    for person in well_labelled(visitor, wanted["annotations"]):
        numbers += relabel(visitor, person)
    visitor.wait_until_saved()
    visitor.picture("relabel_done")

    visitor.open_page("Export")
    expect(page.get_by_test_id("stMain")).to_contain_text("10 labels of 2 persons differ")
    expect(page.locator(".card")).to_have_count(PERSONS * OF_EACH)
    visitor.picture("export")
    exported = download(page, tmp_path)
    after = json.loads(exported.read_bytes())
    assert after == wanted
    assert after != before
    assert changed_numbers(source.read_text(), exported.read_text()) == numbers


def well_labelled(visitor: Visitor, people: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Two persons of the queue, one after the other, each with enough labels to change."""
    by_id = {person["id"]: person for person in people}
    found = 0
    for _ in range(MOST_ITEMS):
        person = by_id[visitor.item]
        if person["num_keypoints"] >= OF_EACH:
            yield person
            found += 1
        if found == PERSONS:
            return
        visitor.type_keys("ArrowRight")
        visitor.page.wait_for_function(
            """(id) => [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')]
              .some((host) => {
                const item = host.shadowRoot?.querySelector('.editor')?.dataset.item;
                return item && item !== String(id);
              })""",
            arg=person["id"],
        )
    raise AssertionError("Hardly anybody is labelled.")


def relabel(visitor: Visitor, person: dict[str, Any]) -> int:
    """Change five flags by key; `person` as the file should say it then, and how many numbers."""
    points, numbers = person["keypoints"], 0
    labelled = [k for k in range(KEYPOINTS) if points[3 * k + 2] > 0][:OF_EACH]
    for n, keypoint in enumerate(labelled):
        flag = 0 if n == 0 else 3 - points[3 * keypoint + 2]
        for _ in range(KEYPOINTS):
            if visitor.active != keypoint:
                visitor.type_keys("ArrowDown")
        assert visitor.active == keypoint
        visitor.type_keys(f"Shift+Digit{flag}")
        new = [*points[3 * keypoint : 3 * keypoint + 2], flag] if flag else [0, 0, 0]
        numbers += sum(a != b for a, b in zip(points[3 * keypoint :], new, strict=False))
        points[3 * keypoint : 3 * keypoint + 3] = new
    person["num_keypoints"] -= 1
    return numbers + 1


def changed_numbers(before: str, after: str) -> int:
    """How many comma-separated parts of the two files differ."""
    one, two = before.split(","), after.split(",")
    assert len(one) == len(two)
    return sum(a != b for a, b in zip(one, two, strict=True))
