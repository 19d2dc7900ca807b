from app.ui.keypoint_table import keypoint_table
from tests.app.ui.people import RUN, a_dataset, a_person, a_prediction

LABELS = ["annotation_id", "keypoint", "given_v", "current_v", "x", "y"]


def test_without_a_run_only_labels_are_listed():
    table = keypoint_table(a_dataset(), [a_person()], None)
    assert table.columns.tolist() == LABELS
    assert table.to_csv(index=False).splitlines()[1:] == [
        "1,nose,2,2,10.0,20.0",
        "1,left_eye,1,1,11.0,20.0",
        "1,right_eye,0,0,12.0,20.0",
    ]


def test_a_run_adds_what_it_says_and_nothing_where_it_says_nothing():
    table = keypoint_table(a_dataset(), [a_person(prediction=a_prediction())], RUN)
    assert table.drop(columns=LABELS).to_csv(index=False).splitlines() == [
        "predicted_v,predicted_x,predicted_y,p0,p1,p2,presence,heat_score",
        "2.0,10.0,22.0,0.05,0.15,0.8,0.95,",
        ",,,,,,,",
        "0.0,12.0,21.0,0.7,0.2,0.1,0.3,0.9",
    ]


def test_a_photo_without_persons_gives_the_heads_alone():
    assert keypoint_table(a_dataset(), [], None).columns.tolist() == LABELS
