"""The queue by keyboard: typed ahead of what is loaded, undone across persons and sessions."""

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
    folder = tmp_path_factory.mktemp("editor_queue")
    with running_app(folder / "data", folder / "server.log") as running:
        yield running


def keypoints_of(people: People) -> str:
    return f"{people.page}&unit=keypoints&order=file"


def undo_count(visitor: Visitor) -> str | None:
    return visitor.page.get_by_role("button", name="Undo").get_attribute("aria-label")


def test_forty_flags_typed_at_once_land_on_the_next_forty_keypoints(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(keypoints_of(people))
    ada.wait_for_editor()
    assert (ada.item, ada.active) == (100, 0)
    ada.type_at_once(*["Digit0"] * 40)
    expect(ada.page.locator(".editor")).to_have_attribute("data-item", "102")
    ada.page.locator('.editor:not(.waiting)[data-active="6"]').wait_for()
    ada.wait_until_saved()
    assert people.flags(100) == people.flags(101) == [0] * 17
    assert people.flags(102) == [0] * 6 + GIVEN[6:]
    assert people.flags(103) == GIVEN


def test_going_on_and_deciding_at_once_never_meets_another_person(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    keys = [key for digit in "010101" for key in (f"Digit{digit}", "ArrowRight")]
    ada.type_at_once(*keys)
    ada.wait_until_saved()
    firsts = [people.flags(annotation_id)[0] for annotation_id in range(100, 106)]
    assert firsts == [0, 1, 0, 1, 0, 1]
    expect(ada.page.locator(".note")).to_have_text("The last item")


def test_undo_goes_back_over_persons_after_a_reload_and_redo_comes_again(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0", "0", "ArrowRight", "1", "ArrowRight", "ArrowRight", "0")
    ada.wait_until_saved()
    ada.page.reload()
    ada.wait_for_editor()
    assert ada.item == 103
    ada.type_keys("Control+z", "Control+z", "Control+z")
    expect(ada.page.locator(".note")).to_have_text("Undone: left eye not labelled → visible")
    assert (ada.item, ada.active) == (100, 1)
    ada.wait_until_saved()
    assert people.flags(103) == people.flags(101) == GIVEN
    assert people.flags(100) == [0, *GIVEN[1:]]
    ada.page.reload()
    ada.wait_for_editor()
    ada.type_keys("Control+Shift+z", "Control+y")
    expect(ada.page.locator(".editor")).to_have_attribute("data-item", "101")
    ada.wait_until_saved()
    assert people.flags(100) == [0, 0, *GIVEN[2:]]
    assert people.flags(101) == [1, *GIVEN[1:]]
    assert undo_count(ada) == "Undo, 3"


def test_undo_leaves_what_somebody_decided_since(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada, bo = visit("Ada"), visit("Bo")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("0")
    ada.wait_until_saved()
    bo.go(f"{people.page}&item=100")
    bo.wait_for_editor()
    expect(bo.page.locator(".held")).to_have_text("Ada is on this person, too")
    bo.type_keys("ArrowUp", "1")
    bo.wait_until_saved()
    ada.page.reload()
    ada.wait_for_editor()
    ada.type_keys("Control+z")
    expect(ada.page.locator(".note")).not_to_contain_text("loading")
    assert people.flags(100) == [1, *GIVEN[1:]]


def test_a_conflict_is_chosen_by_keyboard_and_enter_chooses_nothing(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada, bo = visit("Ada"), visit("Bo")
    for each in (ada, bo):
        each.go(f"{people.page}&item=100")
        each.wait_for_editor()
    bo.type_keys("1", "1")
    bo.wait_until_saved()
    ada.type_at_once("Digit0", "Digit0")
    conflict = ada.page.locator(".conflict")
    expect(conflict).to_contain_text("Bo decided this keypoint meanwhile")
    ada.type_keys("Enter")
    expect(conflict).to_be_visible()
    ada.type_keys("b")
    assert ada.active == 1
    expect(conflict).to_be_visible()
    ada.type_keys("t")
    expect(conflict).to_have_count(0)
    assert ada.active == 2
    ada.wait_until_saved()
    assert people.flags(100) == [0, 1, *GIVEN[2:]]


def test_a_decision_refused_on_a_person_left_meanwhile_is_told_and_gone_to(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada, bo = visit("Ada"), visit("Bo")
    for each in (ada, bo):
        each.go(f"{people.page}&item=100")
        each.wait_for_editor()
    bo.type_keys("1")
    bo.wait_until_saved()
    ada.type_at_once("Digit0", "ArrowRight")
    refused = ada.page.locator(".refused")
    expect(refused).to_have_text("1 decision not saved, Bo was first: person 100")
    ada.page.reload()
    ada.wait_for_editor()
    expect(refused).to_have_text("1 decision not saved, Bo was first: person 100")
    ada.picture("editor_refused")
    ada.page.get_by_role("button", name="Go there").click()
    expect(ada.page.locator(".conflict")).to_contain_text("Take theirs: hidden")
    ada.type_keys("b")
    ada.wait_until_saved()
    expect(refused).to_be_hidden()
    assert people.flags(100) == [0, *GIVEN[1:]]


def test_the_strip_shows_what_comes_and_goes_there(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&order=file")
    ada.wait_for_editor()
    coming = ada.page.locator(".coming")
    expect(coming).to_have_count(6)
    expect(coming.first).to_have_attribute("aria-current", "true")
    ada.picture("editor_strip")
    coming.nth(3).click()
    assert ada.item == 103
    ada.type_keys("0")
    ada.wait_until_saved()
    assert people.flags(103) == [0, *GIVEN[1:]]
    expect(ada.page.locator(".coming").first).to_have_attribute("aria-current", "true")


def test_what_a_keypoint_has_been_through_is_told_newest_first(
    visit: Callable[..., Visitor], people: People
) -> None:
    bo, ada = visit("Bo"), visit("Ada")
    bo.go(f"{people.page}&item=100")
    bo.wait_for_editor()
    bo.type_keys("1")
    bo.wait_until_saved()
    ada.go(f"{people.page}&item=100")
    ada.wait_for_editor()
    ada.type_keys("ArrowUp", "Shift+Digit0")
    entries = ada.page.locator(".history li")
    expect(entries).to_have_count(2)
    expect(entries.first).to_have_text("you, now hidden → not labelled")
    expect(entries.last).to_contain_text("Bo, ")
    expect(entries.last).to_contain_text("visible → hidden")


def test_a_screen_reader_hears_the_keypoint_and_the_sheet_gives_the_focus_back(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&item=100")
    ada.wait_for_editor()
    aloud = ada.page.locator(".aloud")
    expect(aloud).to_have_text("nose, visible, model hidden 0.80, not reviewed")
    ada.type_keys("Shift+Digit1")
    expect(aloud).to_contain_text("nose, hidden, model hidden 0.80, reviewed")
    ada.type_keys("?", "2", "Escape", "ArrowDown")
    expect(ada.page.locator(".stageHost:focus")).to_have_count(1)
    expect(aloud).to_contain_text("left eye, visible")
    ada.wait_until_saved()
    assert people.flags(100) == [1, *GIVEN[1:]]


def test_a_zoom_by_hand_is_kept_for_the_next_persons_until_z(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(f"{people.page}&order=file")
    ada.wait_for_editor()

    def width() -> float:
        view = ada.page.locator(".stageHost > svg").get_attribute("viewBox")
        assert view is not None
        return float(view.split()[2])

    fitted = width()
    ada.type_keys("+", "+", "ArrowRight")
    assert ada.item == 101
    assert abs(width() / fitted - 1 / 1.25**2) < 0.01
    ada.type_keys("z")
    assert abs(width() / fitted - 1) < 0.01
    ada.type_keys("ArrowRight")
    assert abs(width() / fitted - 1) < 0.01


def test_a_photo_that_does_not_come_is_said_and_tried_again(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.page.route("**/photo*/**", lambda route: route.abort())
    ada.page.route("**/img/**", lambda route: route.abort())
    ada.go(people.page)
    ada.wait_for_editor()
    words = ada.page.locator(".photo-words")
    expect(words).to_contain_text("The photo could not be loaded; its labels can still be changed.")
    ada.type_keys("0")
    ada.wait_until_saved()
    assert people.flags(100) == [0, *GIVEN[1:]]
    ada.page.unroute_all()
    ada.page.get_by_role("button", name="Try again").click()
    expect(words).to_be_hidden()
    ada.complaints[:] = [each for each in ada.complaints if "ERR_FAILED" not in each]


def test_buttons_and_list_are_reached_by_tab_and_left_by_escape(
    visit: Callable[..., Visitor], people: People
) -> None:
    ada = visit("Ada")
    ada.go(people.page)
    ada.wait_for_editor()
    ada.type_keys("Escape", "Tab")
    for _ in range(12):
        if ada.page.locator(".list:focus").count():
            break
        ada.type_keys("Tab")
    expect(ada.page.locator(".list:focus")).to_have_count(1)
    ada.type_keys("ArrowDown", "ArrowDown")
    assert ada.active == 2
    active = ada.page.locator(".list").get_attribute("aria-activedescendant")
    expect(ada.page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    ada.type_keys("Escape")
    expect(ada.page.locator(".stageHost:focus")).to_have_count(1)
