import pytest

from app.ui import prediction_choice, run_choice
from app.ui.workspace import the_workspace
from app.workflow.photos import open_token
from tests.pages.builders import NAMES, a_card, a_file, a_person, a_run_on
from tests.pages.components import component, overlay


@pytest.fixture(autouse=True)
def _no_models(monkeypatch, finders):
    monkeypatch.setattr(prediction_choice, "list_models", lambda ws: [])


def places(keypoints):
    return [keypoint["given"] for keypoint in keypoints]


def test_without_a_dataset_an_upload_is_asked_for_and_the_way_to_one_is_shown(open_page):
    at = open_page("inspect")
    assert at.query_params["upload"] == "new"
    at.segmented_control(key="photo_source").set_value("Dataset photo").run()
    assert at.info[0].value == "There is no dataset yet."
    assert "upload" not in at.query_params


def test_the_first_photo_shows_every_person_with_its_given_labels(open_page, imported):
    imported()
    told = overlay(open_page("inspect"))
    assert told["image"]["width"] == 40
    assert told["image"]["note"] == ""
    assert [person["title"] for person in told["persons"]] == ["person 1", "person 2"]
    assert places(told["persons"][0]["keypoints"]) == [[10, 10, 2], [12, 9, 1], [0, 0, 0]]
    assert [person["edges"] for person in told["persons"]] == [[[0, 1], [0, 2]]] * 2
    assert (told["said_by"], told["changed"], told["model"]) == (None, False, None)


def test_the_photo_comes_from_our_signed_route(open_page, imported):
    dataset = imported()
    token, _, version = overlay(open_page("inspect"))["image"]["url"].partition("?v=")
    address = open_token(the_workspace(), token.removeprefix("img/"))
    assert (address.dataset_id, address.image_id) == (dataset.id, 7)
    assert version != "missing"


def test_the_address_names_the_photo(open_page, imported):
    dataset = imported()
    at = open_page("inspect", dataset="val", image="8")
    assert overlay(at)["photo"] == f"dataset-{dataset.id}-8"
    assert at.number_input(key="photo_number").value == 2


def test_next_and_previous_go_through_the_photos_and_the_address_follows(open_page, imported):
    imported()
    at = open_page("inspect")
    at.button(key="photo_next").click().run()
    assert at.query_params["image"] == "8"
    assert at.button(key="photo_next").disabled
    at.button(key="photo_previous").click().run()
    assert at.query_params["image"] == "7"


def test_a_click_sent_with_the_address_of_the_photo_before_does_not_go_back(open_page, imported):
    images = [{"id": k, "file_name": f"{k}.png", "width": 9, "height": 9} for k in (1, 2, 3)]
    imported(file=a_file(images=images, annotations=[]))
    at = open_page("inspect")
    at.button(key="photo_next").click().run()
    at.query_params["image"] = "1"
    at.button(key="photo_next").click().run()
    assert at.query_params["image"] == "3"


@pytest.mark.parametrize("image", ["99", "x", "-"])
def test_an_unknown_photo_in_the_address_shows_the_first(open_page, imported, image):
    dataset = imported()
    at = open_page("inspect", dataset="val", image=image)
    assert overlay(at)["photo"] == f"dataset-{dataset.id}-7"
    assert len(at.warning) == (image == "99")


def test_search_finds_photos_by_name_and_by_annotation(open_page, imported):
    dataset = imported()
    at = open_page("inspect")
    at.text_input(key="photo_search").set_value("b.png").run()
    assert overlay(at)["photo"] == f"dataset-{dataset.id}-8"
    at.text_input(key="photo_search").set_value("nothing").run()
    assert at.info[0].value == "No photo fits this search."


def test_a_missing_photo_is_said_under_a_grey_frame(open_page, imported):
    imported()
    told = overlay(open_page("inspect", dataset="val", image="8"))
    assert told["image"]["note"].startswith("The photo b.png is not in ")
    assert told["image"]["url"].endswith("?v=missing")


def test_the_strip_shows_small_photos_with_their_persons(open_page, imported):
    imported()
    strip = component(open_page("inspect"), "photo_strip")
    assert [(photo["id"], photo["persons"]) for photo in strip["photos"]] == [("7", 2), ("8", 1)]
    assert strip["chosen"] == "7"


def test_predicting_asks_for_a_job(open_page, imported, monkeypatch, tmp_path):
    asked = []

    def ask_predict(ws, dataset, *, model, find):
        asked.append((dataset, model, find))
        return "job"

    monkeypatch.setattr(run_choice, "ask_predict", ask_predict)
    monkeypatch.setattr(run_choice, "list_models", lambda ws: [a_card("tiny", tmp_path)])
    imported()
    at = open_page("inspect")
    at.button(key="predict_start").click().run()
    assert asked == [("val", "tiny", None)]


def test_unnamed_keypoints_are_shown_but_not_predicted(open_page, imported):
    person = a_person(1, keypoints=[1, 1, 2, 2, 2, 1, 3, 3, 0, 0, 0, 0])
    imported(file=a_file(annotations=[person], categories=[{"id": 1, "name": "person"}]))
    at = open_page("inspect")
    keypoints = overlay(at)["persons"][0]["keypoints"]
    assert [k["name"] for k in keypoints] == [f"keypoint {k}" for k in (1, 2, 3, 4)]
    assert at.info[0].value.startswith("Predictions need keypoint names")


def test_persons_without_keypoints_and_photos_without_size_open(open_page, imported):
    person = a_person(1, keypoints=[])
    del person["keypoints"], person["bbox"]
    images = [{"id": 7, "file_name": "a.png"}]
    imported(file=a_file(images=images, annotations=[person]))
    told = overlay(open_page("inspect"))
    assert (told["image"]["width"], told["image"]["height"]) == (40, 30)
    assert told["persons"][0]["keypoints"] == []


def test_hostile_file_names_reach_the_browser_as_data_only(open_page, imported):
    name = "<img src=x onerror=alert(1)>.png"
    images = [{"id": 7, "file_name": name, "width": 40, "height": 30}]
    imported(file=a_file(images=images, annotations=[a_person(1)]))
    at = open_page("inspect")
    assert name in overlay(at)["image"]["alt"]
    assert not any("<img" in element.value for element in [*at.markdown, *at.caption])


def test_names_are_the_datasets(open_page, imported):
    imported()
    keypoints = overlay(open_page("inspect"))["persons"][1]["keypoints"]
    assert [keypoint["name"] for keypoint in keypoints] == NAMES


def test_without_a_run_there_is_nothing_to_choose(open_page, imported):
    imported()
    at = open_page("inspect")
    assert not [box for box in at.selectbox if box.key == "choose_run"]
    assert "run" not in at.query_params


def test_the_newest_run_is_shown_and_another_can_be_chosen(open_page, imported):
    dataset = imported()
    a_run_on(dataset, "first")
    a_run_on(dataset, "second")
    at = open_page("inspect")
    assert overlay(at)["said_by"] == "second"
    said = overlay(at)["persons"][0]["keypoints"][2]["said"]
    p = {"p0": 0.1, "p1": 0.7, "p2": 0.2}
    assert said == {"x": 9, "y": 9, **p, "presence": 0.9, "heat": 0.5}
    at.selectbox(key="choose_run").set_value("labels only").run()
    assert (overlay(at)["said_by"], at.query_params["run"]) == (None, "labels only")


def test_the_address_names_the_run(open_page, imported):
    dataset = imported()
    a_run_on(dataset, "first")
    a_run_on(dataset, "second")
    assert overlay(open_page("inspect", dataset="val", run="first"))["said_by"] == "first"
    assert overlay(open_page("inspect", dataset="val", run="gone"))["said_by"] == "second"


def test_with_another_dataset_photo_and_run_are_forgotten(open_page, imported):
    a_run_on(imported("a"), "first")
    imported("b")
    at = open_page("inspect", dataset="a", image="8", run="first")
    at.selectbox(key="choose_dataset").set_value("b").run()
    assert at.query_params == {"dataset": "b", "image": "7"}
    assert overlay(at)["said_by"] is None
