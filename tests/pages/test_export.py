import json
from datetime import UTC, datetime

import pytest

from app.ui.export_filter import change_words
from app.ui.export_preview import CARDS
from app.ui.workspace import the_workspace
from app.workflow.datasets import rename_dataset
from core.data.review import Edit, Label, VerdictKind
from core.data.visibility import Visibility
from db import datasets, verdicts
from tests.pages.builders import a_file, a_person
from tests.pages.components import component


def relabel(name="val", annotation_id=1, keypoint=1, v=2, x=12, y=9, label_set="main", reason=""):
    after = Label(x, y, Visibility(v))
    edit = Edit(annotation_id, keypoint, 0, VerdictKind.SET, after, reason)
    ws = the_workspace()
    dataset_id = datasets.find(ws.engine, name).id
    step = f"s{annotation_id}-{keypoint}"
    verdicts.append(ws.engine, dataset_id, label_set, [edit], annotator="Ann", step=step)


def cards(at):
    return component(at, "change_cards")["cards"]


def many_people(number):
    people = [a_person(n, keypoints=[10, 10, 2, 12, 9, 1, 0, 0, 0]) for n in range(1, number + 1)]
    return a_file(annotations=people)


def test_without_a_dataset_the_way_to_one_is_shown(open_page):
    assert open_page("export").info[0].value == "There is no dataset yet."


def test_without_changes_the_export_equals_the_source(open_page, imported):
    imported()
    at = open_page("export")
    assert "equals the imported file byte for byte" in at.info[0].value


def test_changes_are_counted_and_pictured_with_who_and_when(open_page, imported):
    imported()
    relabel(reason="<b>glasses</b>")
    at = open_page("export")
    assert at.markdown[0].value == (
        "1 label of 1 person differs from the imported file. Nothing else does."
    )
    (counts,) = (frame.value for frame in at.dataframe)
    assert counts.to_dict("records") == [
        {"keypoint": "left_eye", "from": "1 hidden", "to": "2 visible", "labels": 1}
    ]
    (card,) = cards(at)
    at_time = datetime.fromisoformat(card.pop("at"))
    assert abs((datetime.now(UTC) - at_time).total_seconds()) < 60
    assert card.pop("photo")["url"].startswith("img/")
    assert card == {
        "href": "relabel?dataset=val&item=1",
        "file": "a.png",
        "note": "",
        "person": [5, 5, 20, 20],
        "id": 1,
        "keypoint": "left_eye",
        "before": [12, 9, 1],
        "after": [12, 9, 2],
        "words": ["hidden", "visible"],
        "who": "Ann",
        "reason": "<b>glasses</b>",
    }


def test_a_missing_photo_is_said_and_its_change_is_shown_all_the_same(open_page, imported):
    imported()
    relabel(annotation_id=3, keypoint=0, x=3, y=4)
    (card,) = cards(open_page("export"))
    assert card["note"].startswith("The photo b.png is not in ")
    assert card["photo"]["url"].endswith("?v=missing")
    assert (card["photo"]["w"], card["photo"]["h"], card["after"]) == (40, 30, [3, 4, 2])


def test_pictures_come_by_the_page_and_only_theirs(open_page, imported):
    imported(file=many_people(2 * CARDS + 3))
    for n in range(1, 2 * CARDS + 4):
        relabel(annotation_id=n)
    at = open_page("export")
    assert [card["id"] for card in cards(at)] == list(range(1, CARDS + 1))
    assert at.button(key="export_chevron_left").disabled
    at.button(key="export_chevron_right").click().run()
    assert [card["id"] for card in cards(at)] == list(range(CARDS + 1, 2 * CARDS + 1))
    at.number_input(key="export_page").set_value(3).run()
    assert [card["id"] for card in cards(at)] == [25, 26, 27]
    assert at.button(key="export_chevron_right").disabled


def test_changes_are_chosen_by_keypoint_and_by_flags(open_page, imported):
    imported()
    relabel(keypoint=0, v=1)
    relabel(keypoint=1, v=2)
    relabel(annotation_id=2, keypoint=0, v=0)

    def shown(at):
        return [(card["id"], card["keypoint"]) for card in cards(at)]

    at = open_page("export")
    assert shown(at) == [(1, "nose"), (1, "left_eye"), (2, "nose")]
    at.selectbox(key="export_keypoint").set_value(("nose",)).run()
    assert shown(at) == [(1, "nose"), (2, "nose")]
    at.selectbox(key="export_flags").set_value(((2, 0),)).run()
    assert shown(at) == [(2, "nose")]
    at.selectbox(key="export_keypoint").set_value(("left_eye",)).run()
    assert shown(at) == []
    at.selectbox(key="export_keypoint").set_value(()).run()
    at.selectbox(key="export_flags").set_value(()).run()
    assert len(shown(at)) == 3


@pytest.mark.parametrize(
    ("flags", "words"),
    [((2, 1), "2 visible → 1 hidden"), ((1, 1), "1 hidden, moved")],
)
def test_a_change_is_said_in_words(flags, words):
    assert change_words(flags) == words


def test_a_decision_made_meanwhile_and_a_new_name_are_on_the_next_page(open_page, imported):
    imported()
    relabel(keypoint=0, v=1)
    at = open_page("export")
    assert len(cards(at)) == 1
    relabel(keypoint=1, v=0)
    at.run()
    assert len(cards(at)) == 2
    rename_dataset(the_workspace(), "val", "test")
    assert cards(open_page("export"))[0]["href"] == "relabel?dataset=test&item=1"


def test_as_imported_leaves_the_changes_out(open_page, imported):
    imported()
    relabel()
    at = open_page("export")
    at.selectbox(key="export_labels").set_value("original").run()
    assert "byte for byte" in at.info[0].value
    assert not at.dataframe


def test_one_annotators_labels_can_be_exported(open_page, imported):
    imported()
    relabel(label_set="Ben")
    at = open_page("export")
    assert "byte for byte" in at.info[0].value
    at.selectbox(key="export_labels").set_value("by:Ben").run()
    assert len(cards(at)) == 1


def test_writing_to_a_path_gives_the_exact_file(open_page, imported, tmp_path):
    imported()
    relabel()
    out = tmp_path / "out.json"
    at = open_page("export")
    at.text_input(key="export_path").set_value(str(out))
    at.button(key="export_write").click().run()
    assert at.success[0].value.startswith("Wrote ")
    assert "read again, 1 number differs" in at.success[0].value.replace("\\", "")
    before = json.loads((tmp_path / "labels.json").read_text())
    before["annotations"][0]["keypoints"][5] = 2
    assert json.loads(out.read_text()) == before


def test_where_the_imported_file_is_gone_it_is_said_in_place_of_downloads(open_page, imported):
    dataset = imported()
    relabel()
    (the_workspace().data_dir / dataset.source_file).unlink()
    at = open_page("export")
    assert "The source file of dataset val is gone" in at.error[0].value
    assert not at.get("download_button")
    assert len(cards(at)) == 1


def test_writing_refuses_in_words(open_page, imported, tmp_path):
    imported()

    def refused(path):
        at = open_page("export")
        at.text_input(key="export_path").set_value(path)
        return at.button(key="export_write").click().run().error[0].value

    assert "No path was given" in refused("")
    assert "This is a folder" in refused(str(tmp_path))
    assert "There is no such folder on the server" in refused(str(tmp_path / "no" / "x.json"))
    assert "overwrite the file the dataset was imported from" in refused(
        str(tmp_path / "labels.json")
    )
