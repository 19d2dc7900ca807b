from functools import partial

import numpy as np

from core.data.drawn.furniture import Builder
from core.data.drawn.layout import Prop
from core.data.skeleton import COCO17

LIMBS = [k for k, name in enumerate(COCO17.names) if k > 4]


def flag_of(scene, name, person=0):
    return int(scene.persons[person].visibility[COCO17.names.index(name)])


def a_wall(thing: Builder, rng, *, low=0.0, high=2.5, wide=3.0):
    del rng
    middle = (0.0, (low + high) / 2, 0.0)
    thing.box(middle, (wide, high - low, 0.05), (0.5, 0.5, 0.5))


def wall_at(away_m, **size):
    return Prop(partial(a_wall, **size), np.array([0.0, 0.0, -away_m]), 0.0)


def test_everything_of_a_person_in_front_is_visible(see, a_figure):
    person = see(a_figure()).persons[0]
    assert person.visibility.tolist() == [2] * 17


def test_left_is_the_persons_own_left_from_the_front_and_from_behind(see, a_figure):
    front, behind = (see(a_figure(yaw_deg=yaw)).persons[0].xy_image_px for yaw in (0, 180))
    left = [k for k, name in enumerate(COCO17.names) if name.startswith("left")]
    right = [int(COCO17.flip_index[k]) for k in left]
    assert (front[left, 0] > front[right, 0]).all()
    assert (behind[left, 0] < behind[right, 0]).all()


def test_a_hand_behind_the_back_is_hidden_but_inferable_from_its_elbow(see, a_figure):
    back = {"left_shoulder_flex": -30, "left_shoulder_twist": 70, "left_elbow": 75}
    scene = see(a_figure(**back))
    assert (flag_of(scene, "left_elbow"), flag_of(scene, "left_wrist")) == (2, 1)
    assert flag_of(scene, "right_wrist") == 2


def test_a_keypoint_outside_the_frame_is_0(see, a_figure):
    scene = see(a_figure(at_m=(0.0, 0.0, -1.6)))
    assert [flag_of(scene, f"{side}_ankle") for side in ("left", "right")] == [0, 0]
    y = scene.persons[0].xy_image_px[[15, 16], 1]
    assert (y > 479).all()


def test_a_person_wholly_behind_a_wall_is_not_reported(see, a_figure):
    assert see(a_figure(), props=(wall_at(2.0),)).persons == ()


def test_behind_a_low_wall_hips_are_inferable_and_knees_hopeless(see, a_figure):
    scene = see(a_figure(), props=(wall_at(3.0, high=1.05),))
    assert flag_of(scene, "left_shoulder") == 2
    assert [flag_of(scene, f"left_{name}") for name in ("hip", "knee", "ankle")] == [1, 0, 0]


def test_of_a_person_whose_head_alone_is_hidden_the_face_is_hopeless(see, a_figure):
    scene = see(a_figure(), props=(wall_at(3.0, low=1.36),))
    assert scene.persons[0].visibility[:5].tolist() == [0] * 5
    assert flag_of(scene, "left_elbow") == 2


def test_a_person_in_front_hides_the_one_behind(see, a_figure):
    front, back = a_figure(0, at_m=(0.0, 0.0, -3.0)), a_figure(1, at_m=(0.25, 0.0, -4.5))
    scene = see(front, back)
    assert scene.persons[0].visibility.tolist() == [2] * 17
    assert flag_of(scene, "right_hip", person=1) != 2
    assert flag_of(scene, "left_elbow", person=1) == 2


def test_from_behind_the_face_is_hopeless_and_the_ears_are_seen(see, a_figure):
    visibility = see(a_figure(yaw_deg=180)).persons[0].visibility
    assert visibility[:5].tolist() == [0, 0, 0, 2, 2]


def test_in_profile_the_far_side_of_the_head_is_hopeless(see, a_figure):
    scene = see(a_figure(yaw_deg=-90))
    assert [flag_of(scene, name) for name in ("nose", "left_eye", "left_ear")] == [2, 2, 2]
    assert flag_of(scene, "right_ear") == 0


def test_the_far_eye_is_inferable_just_behind_the_rim_of_the_head_and_not_further(see, a_figure):
    flags = {}
    for yaw in (-80, -90, -100):
        scene = see(a_figure(yaw_deg=yaw))
        assert flag_of(scene, "nose") == 2  # a neighbour in sight alone does not tell
        flags[yaw] = flag_of(scene, "right_eye")
    assert flags == {-80: 1, -90: 0, -100: 0}


def test_in_profile_the_far_shoulder_and_hip_are_hidden_but_inferable(see, a_figure):
    scene = see(a_figure(yaw_deg=-90, left_shoulder_flex=50))
    assert [flag_of(scene, f"left_{name}") for name in ("shoulder", "hip")] == [2, 2]
    assert [flag_of(scene, f"right_{name}") for name in ("shoulder", "hip")] == [1, 1]


def test_a_hand_does_not_hide_its_own_wrist(see, a_figure, a_camera):
    scene = see(a_figure(left_elbow=90), camera=a_camera(height_m=1.12))
    assert flag_of(scene, "left_wrist") == 2


def test_a_crossed_arm_hides_the_other_arm(see, a_figure):
    arms = {f"{side}_{name}": angle for side in ("left", "right") for name, angle in (
        ("shoulder_flex", 28.0), ("shoulder_twist", 70.0), ("elbow", 105.0))}  # fmt: skip
    visibility = see(a_figure(**arms)).persons[0].visibility
    assert 1 in visibility[[7, 8, 9, 10]]


def test_of_a_person_too_small_to_label_every_flag_is_0(see, a_figure):
    person = see(a_figure(at_m=(0.0, 0.0, -30.0))).persons[0]
    assert 0 < person.area_px2 < 32 * 32
    assert not person.visibility.any()
