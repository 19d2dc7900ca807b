import json

import numpy as np
import pytest

from core.data.coco_json import read_coco
from core.errors import UserError
from core.training.config import SetsConfig
from core.training.sources import (
    Source,
    data_hash,
    held_out,
    is_three_way,
    own_held_out,
    own_set,
    own_skeleton,
    public_sets,
)
from tests.core.training.people_sets import a_set, write_people_sets


def a_file(tmp_path, image_ids=(1, 2, 3), change=lambda found: None):
    a_set(tmp_path / "own", "own.json", "photos", list(image_ids))
    file = tmp_path / "own/own.json"
    found = json.loads(file.read_text())
    change(found)
    file.write_text(json.dumps(found))
    return file


def test_one_lspet_image_in_nine_is_kept_for_measuring():
    assert sum(held_out(image_id) for image_id in range(1, 9001)) == 1000


def test_drawn_people_join_where_they_are_wanted(tmp_path):
    write_people_sets(tmp_path)
    data = public_sets(tmp_path, tmp_path / "drawn")
    assert len(data.learn(SetsConfig())) == 3
    assert len(data.learn(SetsConfig(drawn_pictures=0))) == 2
    assert len(public_sets(tmp_path, None).learn(SetsConfig())) == 2


def test_missing_sets_are_named(tmp_path):
    with pytest.raises(UserError, match="The public sets are not complete") as refused:
        public_sets(tmp_path, None)
    assert refused.value.problems == (
        f"There is no file {tmp_path / 'lspet/lspet.json'}.",
        f"There is no file {tmp_path / 'coco_photos/person_keypoints_train2017.json'}.",
    )


def test_every_image_is_learned_from_or_measured_on_and_never_both(tmp_path):
    file = a_file(tmp_path, range(5, 45))
    data = own_set(read_coco(file), file, file.parent / "photos", "mine")
    ((learn,), (measure,)) = data.learn(SetsConfig()), data.measure
    sides = [(learn.keep(n), measure.keep(n)) for n in range(5, 45)]
    assert set(sides) == {(True, False), (False, True)}
    assert sides.count((False, True)) == len(own_held_out(read_coco(file))) == 8


def test_an_image_stays_on_its_side_when_a_newer_version_brings_more(tmp_path):
    few = own_held_out(read_coco(a_file(tmp_path / "a", range(1, 41))))
    more = own_held_out(read_coco(a_file(tmp_path / "b", range(1, 81))))
    assert few == {image_id for image_id in more if image_id <= 40}


@pytest.mark.parametrize("image_ids", [(1, 2), (5, 6), (2, 9), (9, 10)])
def test_of_two_images_one_is_kept_whatever_their_ids(tmp_path, image_ids):
    assert len(own_held_out(read_coco(a_file(tmp_path, image_ids)))) == 1


def test_a_single_photo_is_refused(tmp_path):
    with pytest.raises(UserError, match="Two photos at least need a person"):
        own_held_out(read_coco(a_file(tmp_path, [1])))


def test_where_nothing_is_hidden_zero_says_nothing(tmp_path):
    def hide(found):
        found["annotations"][0]["keypoints"][2] = 1

    two_way, three_way = a_file(tmp_path / "a"), a_file(tmp_path / "b", change=hide)
    assert not is_three_way(read_coco(two_way))
    assert is_three_way(read_coco(three_way))
    for file, known in ((two_way, False), (three_way, True)):
        data = own_set(read_coco(file), file, file.parent / "photos", "mine")
        assert {source.zero_is_known for source in (*data.learn(SetsConfig()), *data.measure)} == {
            known
        }


def test_the_skeleton_of_a_file_is_all_its_keypoints_by_name(tmp_path):
    def two_kinds(found):
        found["categories"][0]["skeleton"] = [[1, 2]]
        found["categories"].append(
            {"id": 2, "name": "dog", "keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}
        )

    skeleton = own_skeleton(read_coco(a_file(tmp_path, change=two_kinds)))
    assert skeleton.names[0] == "nose"
    assert skeleton.names[-1] == "tail"
    assert skeleton.size == 18
    assert skeleton.edges == ((0, 1), (0, 17))


def test_keypoints_without_names_are_refused(tmp_path):
    def nameless(found):
        del found["categories"][0]["keypoints"]

    with pytest.raises(UserError, match="keypoints of this file have no names"):
        own_skeleton(read_coco(a_file(tmp_path, change=nameless)))


def test_photos_that_are_all_missing_are_refused_with_why(tmp_path):
    file = a_file(tmp_path)
    with pytest.raises(UserError, match="Nobody to learn from") as refused:
        Source(file, tmp_path / "elsewhere", "mine").read(own_skeleton(read_coco(file)))
    assert refused.value.problems[0] == "1.png: There is no photo 1.png."


def test_the_data_hash_changes_with_any_label(tmp_path):
    file = a_file(tmp_path)
    before = data_hash([file])
    assert len(before) == 64
    file.write_text("{}")
    assert data_hash([file]) != before


def test_what_is_learned_and_what_is_measured_share_no_person(tmp_path):
    file = a_file(tmp_path, range(1, 11))
    dataset = read_coco(file)
    data = own_set(dataset, file, file.parent / "photos", "mine")
    skeleton = own_skeleton(dataset)
    learned = data.learn(SetsConfig())[0].read(skeleton).image_ids
    kept = data.measure[0].read(skeleton).image_ids
    assert not set(learned) & set(kept)
    assert np.unique([*learned, *kept]).tolist() == list(range(1, 11))
