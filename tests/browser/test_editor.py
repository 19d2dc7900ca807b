"""The editor in a real browser: what is typed is on disk, on the right person, and comes back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import App, Visitor, running_app
from tests.browser.people import GIVEN, People

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[App]:
    """One web process for all tests of this file; each has a dataset of its own."""
    folder = tmp_path_factory.mktemp("editor")
    with running_app(folder / "data", folder / "server.log") as running:
        yield running


def test_typed_flags_are_on_disk_and_survive_a_reload(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    assert ada.item == 100
    ada.type_keys("1", "Numpad0", "Shift+Digit2", "Shift+Digit0", "Tab", "ArrowUp", "Tab")
    assert ada.active == 3
    ada.type_keys("ArrowDown", "Enter", "Space", "x")
    ada.wait_until_saved()
    expected = [1, 0, 0, 0, 1, *GIVEN[5:]]
    assert people.flags(100) == expected
    assert [*people.person(100).reviewed][:8] == [True] * 3 + [False] + [True] * 2 + [False] * 2
    assert f"dataset={people.name}" in ada.page.url
    ada.page.reload()
    ada.wait_for_editor()
    assert (ada.item, ada.active) == (100, 3)
    rows = ada.page.locator(".row")
    expect(rows.nth(0)).to_have_attribute("aria-label", "nose: given visible, now hidden, reviewed")
    expect(rows.nth(1)).to_have_attribute(
        "aria-label", "left eye: given visible, now not labelled, reviewed"
    )


def test_undo_and_redo_reach_the_disk_as_new_verdicts(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0", "0", "0", "g", "l", "1")
    ada.type_keys("Control+z", "Control+z", "Control+z", "Control+Shift+z")
    ada.wait_until_saved()
    assert people.flags(100) == [0, 0, *GIVEN[2:]]
    assert people.person(100).revision[:3] == (1, 5, 2)


def test_a_keypoint_without_a_place_takes_the_models_or_a_click(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&item=101")
    ada.wait_for_editor()
    ada.type_keys("Tab", "Tab", "Tab", "2")
    expect(ada.page.locator(".ghost")).to_be_visible()
    ada.type_keys("Enter")
    assert ada.active == 4
    ada.page.locator(".row").nth(10).click()
    ada.type_keys("1")
    ada.page.locator(".stageHost").click()
    ada.wait_until_saved()
    labels = people.person(101).current
    third = labels[3]
    assert (third.x_image_px, third.y_image_px, third.visibility) == (228, 63, 2)
    assert labels[10].visibility == 1
    assert 160 < labels[10].x_image_px < 250  # the middle of the view


def test_a_drag_moves_a_keypoint_and_keeps_its_flag(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    grip = ada.page.locator('[data-keypoint="5"] .grip').bounding_box()
    assert grip is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    ada.page.mouse.move(x, y)
    ada.page.mouse.down()
    ada.page.mouse.move(x + 30, y + 10, steps=4)
    ada.page.mouse.up()
    ada.wait_until_saved()
    before, after = people.person(100).given[5], people.person(100).current[5]
    assert after.visibility == before.visibility
    assert after.x_image_px > before.x_image_px + 3
    assert after.y_image_px > before.y_image_px


def test_work_typed_while_people_change_lands_on_each_of_them(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0", "ArrowRight", "1", "1", "ArrowRight", "0", "0", "0", "ArrowLeft", "n", "1")
    ada.wait_until_saved()
    assert ada.item == 100
    assert people.flags(100) == [0, 1, *GIVEN[2:]]
    assert people.flags(101) == [1, 1, *GIVEN[2:]]
    assert people.flags(102) == [0, 0, 0, *GIVEN[3:]]


def test_a_stale_edit_is_refused_alone_and_shows_both_values(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada, bo = visit("Ada"), visit("Bo")
    for each in (ada, bo):
        each.go(people.page)
        each.wait_for_editor()
    bo.type_keys("1")
    bo.wait_until_saved()
    ada.type_at_once("Digit0", "Digit0")
    conflict = ada.page.locator(".conflict")
    expect(conflict).to_contain_text("Bo decided this keypoint meanwhile")
    expect(conflict).to_contain_text("Keep mine: not labelled")
    expect(conflict).to_contain_text("Take theirs: hidden")
    assert people.flags(100)[:2] == [1, 0]
    ada.picture("editor_stale")
    ada.page.get_by_role("button", name="Keep mine").click()
    ada.wait_until_saved()
    assert people.flags(100)[:2] == [0, 0]
    expect(conflict).to_have_count(0)


def test_streamlits_own_keys_and_text_boxes_are_left_alone(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("c", "r")
    expect(ada.page.get_by_role("dialog", name="Clear caches")).to_have_count(0)
    ada.page.locator(".st-key-annotator_menu button").first.click()
    name = ada.page.locator(".st-key-annotator_name input")
    name.click()
    ada.type_keys("1", "2")
    assert name.input_value() == "Ada12"
    assert people.flags(100) == GIVEN


def test_another_run_changes_the_opinion_and_not_the_person(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&item=102")
    ada.wait_for_editor()
    ada.type_keys("0")
    ada.wait_until_saved()
    expect(ada.page.locator(".details")).to_contain_text("made-1: not labelled 0.10")
    ada.page.get_by_role("combobox", name="Predictions").click()
    ada.page.get_by_role("option", name="labels only").click()
    expect(ada.page.locator(".details")).to_contain_text("No model has looked at this person")
    assert ada.item == 102
    expect(ada.page.locator(".row").first).to_contain_text("✓")


def test_the_view_keys_and_the_key_sheet(visit: Callable[..., Visitor], people: People) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    svg = ada.page.locator(".stageHost > svg")
    person_view = svg.get_attribute("viewBox")
    ada.type_keys("z")
    assert svg.get_attribute("viewBox") != person_view
    ada.type_keys("z")
    assert svg.get_attribute("viewBox") == person_view
    ada.type_keys("+")
    assert svg.get_attribute("viewBox") != person_view
    ada.type_keys("j")
    expect(ada.page.locator(".name").first).to_be_visible()
    ada.page.keyboard.down("h")
    expect(ada.page.locator(".overlay")).to_be_hidden()
    ada.page.keyboard.up("h")
    expect(ada.page.locator(".overlay")).to_be_visible()
    ada.type_keys("?")
    expect(ada.page.locator(".sheet")).to_contain_text("keep the given label")
    ada.picture("editor_keys")
    ada.type_keys("Escape")
    expect(ada.page.locator(".sheet")).to_be_hidden()


def test_escape_and_tab_leave_the_editor_unless_something_was_cancelled(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("g", "Escape", "Tab")
    assert ada.active == 1
    ada.type_keys("Escape", "Tab")
    expect(ada.page.locator(".stageHost:focus")).to_have_count(0)
    assert ada.active == 1


def test_a_long_press_decides_one_keypoint_and_goes_on_moving(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    for key in ("0", "0", "0", "ArrowDown", "ArrowDown"):
        ada.page.keyboard.down(key)  # once more without up: the keyboard repeats it
    assert ada.active == 3
    ada.wait_until_saved()
    assert people.flags(100) == [0, *GIVEN[1:]]
