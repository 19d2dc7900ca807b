"""Inspect one's own photos: brought in, looked at by a model, listed, deleted."""

import re

import cv2
import numpy as np
import pytest

from app.ui.workspace import the_workspace
from app.workflow.uploads import open_upload_token, uploaded_photo
from core.errors import UserError
from tests.pages.components import component, fire, overlay, set_state
from tests.pages.stand_in_worker import SAID


@pytest.fixture(autouse=True)
def _stand_ins(models, finders, a_worker):
    pass


def a_photo(width=30, height=20):
    done, packed = cv2.imencode(".png", np.full((height, width, 3), 90, np.uint8))
    assert done
    return packed.tobytes()


def upload(at, *files):
    """Drop files of (name, bytes)."""
    uploader = at.file_uploader[0]
    uploader.set_value([(name, packed, "image/png") for name, packed in files]).run()
    assert not at.exception, at.exception


def words(elements):
    return [re.sub(r"[\\\u2060]", "", element.value) for element in elements]


def test_an_upload_is_looked_at_at_once(open_page, a_worker):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    told = overlay(at)
    upload_id = at.query_params["upload"]
    assert told["photo"] == f"upload-{upload_id}"
    (person,) = told["persons"]
    assert (person["title"], person["box"], person["drawn"]) == (
        "whole picture",
        [0, 0, 30, 20],
        False,
    )
    assert [keypoint["said"] for keypoint in person["keypoints"]] == [SAID | {"y": 10}] * 3
    assert told["said_by"] == "other"
    assert told["image"]["note"].startswith("The whole picture is taken for one person.")
    photo = {"dataset": None, "image_id": None, "upload_id": upload_id}
    body = {"photo": photo, "boxes": [[0, 0, 30, 20]], "model": "other"}
    assert a_worker.asked == [("/predict", body)]


def test_the_photo_comes_from_its_signed_address(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    token = overlay(at)["image"]["url"].removeprefix("img/").partition("?")[0]
    assert open_upload_token(the_workspace(), token) == (at.query_params["upload"], 1600)


def test_a_large_photo_has_another_address_to_zoom_into(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("small.png", a_photo(1600)))
    assert overlay(at)["image"]["near"] is None
    upload(at, ("large.png", a_photo(1601)))
    token = overlay(at)["image"]["near"].removeprefix("img/")
    assert open_upload_token(the_workspace(), token) == (at.query_params["upload"], 4800)


def test_the_address_shows_the_same_photo_to_a_new_session(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    again = open_page("inspect", **at.query_params)
    assert overlay(again)["photo"] == overlay(at)["photo"]
    assert "dataset" not in again.query_params


def test_several_photos_are_listed_also_after_a_reload_and_one_is_chosen(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("a.png", a_photo()), ("b.png", a_photo(40)))
    told = component(at, "photo_strip")
    assert [photo["title"] for photo in told["photos"]] == ["a.png", "b.png"]
    assert told["chosen"] == at.query_params["upload"] == told["photos"][0]["id"]
    second = told["photos"][1]["id"]
    fire(at, "photo_strip", "photo", second)
    assert overlay(at)["photo"] == f"upload-{second}"
    again = open_page("inspect", **at.query_params)
    assert component(again, "photo_strip") == component(at, "photo_strip")


def test_ids_in_the_address_that_are_none_or_twice_there_are_passed_over(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("a.png", a_photo()), ("b.png", a_photo(40)))
    first, second = at.query_params["uploads"].split(".")
    listed = ".".join([second, "../x", second, "0" * 32, first])
    again = open_page("inspect", upload=first, uploads=listed)
    assert again.query_params["uploads"] == f"{second}.{first}"
    assert len(again.warning) == 0


def test_what_is_no_photo_is_refused_by_name_and_the_others_are_kept(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("a.txt", b"Dear model,"), ("b.png", a_photo()), ("c.png", a_photo(1, 1)))
    text, small = words(at.error)
    assert text == "a.txt: This is no photo. JPEG, PNG, WebP and BMP are read."
    assert small.startswith("c.png: The photo has 1 x 1 pixels; nobody can be seen on it.")
    assert overlay(at)["image"]["alt"] == "Photo b.png with keypoints"
    at.run()
    assert len(at.error) == 0


def test_only_what_is_no_photo_leaves_nothing_to_look_at(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("a.txt", b"Dear model,"))
    assert at.query_params["upload"] == "new"
    assert len(at.get("bidi_component")) == 0
    assert "stays on this server for 7 days" in at.caption[1].value


def test_size_turn_and_expiry_are_said(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("*me*.png", a_photo(4000, 20)))
    until = uploaded_photo(the_workspace(), at.query_params["upload"]).kept_until
    assert words(at.caption)[1] == (
        f"***me*.png** · 4,000 x 20 pixels · kept until {until.day} {until:%B %Y}"
    )


def test_a_photo_turned_by_its_exif_is_said_to_be(open_page, tmp_path):
    from PIL import Image

    photo = Image.new("RGB", (30, 20))
    exif = photo.getexif()
    exif[0x0112] = 6
    photo.save(tmp_path / "turned.jpg", exif=exif)
    at = open_page("inspect", upload="new")
    upload(at, ("turned.jpg", (tmp_path / "turned.jpg").read_bytes()))
    assert "20 x 30 pixels, turned upright" in at.caption[1].value
    assert overlay(at)["image"]["width"] == 20


def test_a_deleted_photo_is_gone_from_the_server_and_the_next_one_is_shown(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("a.png", a_photo()), ("b.png", a_photo(40)))
    first = at.query_params["upload"]
    at.button(key="own_photo_delete").click().run()
    assert overlay(at)["image"]["alt"] == "Photo b.png with keypoints"
    with pytest.raises(UserError, match="not there any more"):
        uploaded_photo(the_workspace(), first)
    at.button(key="own_photo_delete").click().run()
    assert at.query_params == {"upload": "new", "model": "other"}
    assert len(at.get("bidi_component")) == 0


@pytest.mark.parametrize("upload_id", ["0" * 32, "../../secret", "<b>"])
def test_an_unknown_upload_in_the_address_is_said_in_words(open_page, upload_id):
    at = open_page("inspect", upload=upload_id)
    assert words(at.warning) == [
        "This photo is not there any more. Uploads are kept for 7 days. Upload it again."
    ]
    assert at.query_params["upload"] == "new"


def test_boxes_join_the_whole_picture_until_it_is_put_away(open_page):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))

    def draw(seq, whole, *boxes):
        listed = [{"id": f"b{k}", "box": list(box)} for k, box in enumerate(boxes, 1)]
        message = {"photo": overlay(at)["photo"], "seq": seq, "whole": whole, "boxes": listed}
        set_state(at, "photo_overlay", boxes=message)
        told = overlay(at)
        assert bool(told["image"]["note"]) == (len(boxes) == 0)
        return [(person["title"], person["drawn"]) for person in told["persons"]]

    assert draw(1, True, (0, 0, 9, 9)) == [("whole picture", True), ("box 1", True)]
    assert draw(2, False, (0, 0, 9, 9)) == [("box 1", True)]
    assert draw(3, False) == [("whole picture", False)]


def test_another_model_can_be_chosen_and_says_what_it_is(open_page, a_worker):
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert words(at.caption)[0] == "other: What other is."
    at.selectbox(key="choose_model").set_value("tiny").run()
    assert words(at.caption)[0] == "tiny: What tiny is."
    assert [body["model"] for _, body in a_worker.asked] == ["other", "tiny"]
    assert (overlay(at)["said_by"], at.query_params["model"]) == ("tiny", "tiny")


def test_without_a_model_the_photo_is_shown_and_said_why_nothing_else(open_page, models, a_worker):
    models.clear()
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    assert at.info[0].value == (
        "No model is installed yet: there are no weights in the folder weights."
    )
    assert overlay(at)["persons"][0]["silence"] == "No model was asked about this box."
    assert a_worker.asked == []


def test_from_a_dataset_to_an_upload_and_back_the_photos_are_those_left(open_page, imported):
    dataset = imported()
    at = open_page("inspect", image="8")
    source = at.segmented_control(key="photo_source")
    source.set_value("Upload a photo").run()
    assert at.query_params == {"upload": "new", "model": "other"}
    upload(at, ("me.png", a_photo()))
    own = at.query_params["upload"]
    at.segmented_control(key="photo_source").set_value("Dataset photo").run()
    assert overlay(at)["photo"] == f"dataset-{dataset.id}-8"
    assert at.query_params == {"dataset": "val", "image": "8", "run": "labels only"}
    at.segmented_control(key="photo_source").set_value("Upload a photo").run()
    assert overlay(at)["photo"] == f"upload-{own}"


def test_an_address_with_a_dataset_leads_back_to_it(open_page, imported):
    dataset = imported()
    at = open_page("inspect", upload="new")
    upload(at, ("me.png", a_photo()))
    at.query_params.clear()
    at.query_params.update({"dataset": "val", "image": "7"})
    at.run()
    assert overlay(at)["photo"] == f"dataset-{dataset.id}-7"
