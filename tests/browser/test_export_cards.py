"""The Export page in a real browser: the pictures of what changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.workflow.relabel_table import relabel_from_csv
from tests.browser.harness import Visitor
from tests.browser.people import People

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ROWS = (
    "100,nose,1,,",
    "100,left_eye,0,,",
    "101,nose,2,40,60",
    "101,left_shoulder,0,,",
    "102,nose,1,,",
    "103,nose,1,,",
)


@pytest.fixture
def changed(people: People, tmp_path: Path) -> People:
    """The people with six labels changed, two of them taken away and one moved."""
    table = tmp_path / "verdicts.csv"
    rows = [
        f"{row},{reason}" for row, reason in zip(ROWS, ["<i>glare</i>"] + [""] * 5, strict=True)
    ]
    table.write_text("\n".join(["annotation_id,keypoint,v,x,y,reason", *rows]))
    relabel_from_csv(people.ws, people.name, table, annotator="Ånn <b>")
    return people


def test_every_change_is_a_picture_that_leads_to_its_person(
    visit: Callable[..., Visitor], changed: People
) -> None:
    visitor = visit("Ada")
    page = visitor.page
    visitor.go(f"export?dataset={changed.name}")
    cards = page.locator(".card")
    expect(cards).to_have_count(6)
    first = cards.first
    expect(first.locator(".caption")).to_contain_text("nose")
    expect(first.locator(".change")).to_have_text("visible → hidden")
    expect(first.locator(".reason")).to_have_text("<i>glare</i>")
    expect(first.locator(".who")).to_contain_text("Ånn <b>, ")
    expect(cards.nth(2).locator(".change")).to_have_text("visible, moved")
    expect(cards.nth(2).locator("line.arrow")).to_have_count(2)
    expect(cards.nth(2).locator(".mark")).to_have_count(2)
    photo = first.locator("image")
    shown = photo.evaluate("(image) => fetch(image.href.baseVal).then((answer) => answer.status)")
    assert shown == 200
    visitor.picture("export_cards")
    cards.nth(5).click()
    page.wait_for_url(f"**/relabel?dataset={changed.name}&item=103*")
    visitor.wait_for_editor()
    assert visitor.item == 103


def test_a_row_of_the_counts_chooses_its_changes(
    visit: Callable[..., Visitor], changed: People
) -> None:
    visitor = visit("Ada")
    page = visitor.page
    visitor.go(f"export?dataset={changed.name}")
    cards = page.locator(".card")
    expect(cards).to_have_count(6)
    table = page.locator('[class*="st-key-export_counts"] .dvn-scroller')
    table.click(position={"x": 40, "y": 50})
    expect(cards).to_have_count(3)
    expect(cards.locator(".name")).to_have_text(["nose"] * 3)
    visitor.picture("export_chosen")
    page.locator(".st-key-export_flags").get_by_role("combobox").click()
    page.get_by_role("option", name="all").click()
    expect(cards).to_have_count(4)


def test_what_is_downloaded_and_its_report_agree(
    visit: Callable[..., Visitor], changed: People, tmp_path: Path
) -> None:
    visitor = visit("Ada")
    visitor.go(f"export?dataset={changed.name}")

    def downloaded(key: str) -> Path:
        with visitor.page.expect_download() as waiting:
            visitor.page.locator(f".st-key-{key} button").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    content, report = downloaded("export_download"), downloaded("export_report")
    told = json.loads(report.read_text())
    assert told["result"]["num_bytes"] == content.stat().st_size
    assert len(told["changes"]) == 6
