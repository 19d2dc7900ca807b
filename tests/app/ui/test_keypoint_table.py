from app.ui.keypoint_table import keypoint_table
from app.ui.photo_overlay.shown_person import annotated_person, drawn_person, found_person
from core.data.skeleton import Skeleton
from tests.app.ui.people import RUN, a_dataset, a_person, a_prediction

PERSON = ["person", "annotation_id", "box_x", "box_y", "box_w", "box_h", "keypoint"]
LABELS = ["given_v", "current_v", "x", "y"]


def shown(**fields):
    return annotated_person(
        a_dataset(), a_person(**fields), 1, said_names=RUN.keypoint_names, model="tiny"
    )


def lines(table):
    return table.to_csv(index=False).splitlines()


def test_without_a_model_only_labels_are_listed():
    table = keypoint_table([shown()])
    assert table.columns.tolist() == PERSON + LABELS
    assert lines(table)[1:] == [
        "person 1,1,5.0,5.0,20.0,20.0,nose,2,2,10.0,20.0",
        "person 1,1,5.0,5.0,20.0,20.0,left_eye,1,1,11.0,20.0",
        "person 1,1,5.0,5.0,20.0,20.0,right_eye,0,0,12.0,20.0",
    ]


def test_a_model_adds_what_it_says_and_nothing_where_it_says_nothing():
    table = keypoint_table([shown(prediction=a_prediction())])
    assert lines(table.drop(columns=PERSON + LABELS)) == [
        "model,predicted_v,predicted_x,predicted_y,p0,p1,p2,presence,heat_score",
        "tiny,2,10.0,22.0,0.05,0.15,0.8,0.95,",
        ",,,,,,,,",
        "tiny,0,12.0,21.0,0.7,0.2,0.1,0.3,0.9",
    ]


def test_a_box_drawn_by_hand_has_no_annotation_and_no_labels():
    said = (a_prediction(vis3=None), Skeleton(("right_eye", "nose")))
    table = keypoint_table([drawn_person("b1", "box 1", (1.5, 2, 3, 4), said=said, model="tiny")])
    assert lines(table) == [
        ",".join([*PERSON, "model", "predicted_x", "predicted_y", "heat_score"]),
        "box 1,,1.5,2,3,4,right_eye,tiny,12.0,21.0,0.9",
        "box 1,,1.5,2,3,4,nose,tiny,10.0,22.0,",
    ]


def test_a_photo_without_persons_gives_the_heads_alone():
    assert lines(keypoint_table([])) == [",".join(PERSON)]


def test_scores_of_the_whole_pose_stand_in_every_row_of_the_person():
    rated = a_prediction(pose_scores={"oaks": 0.25, "detection": 0.875})
    person = found_person(
        "f1", 1, rated, Skeleton(RUN.keypoint_names), model="tiny", found_by="det"
    )
    table = keypoint_table([person, shown()])
    assert table.columns.tolist()[-2:] == ["score_oaks", "score_detection"]
    assert lines(table[["person", "keypoint", "score_oaks", "score_detection"]])[1:4] == [
        "found 1,right_eye,0.25,0.875",
        "found 1,nose,0.25,0.875",
        "person 1,nose,,",
    ]
