from app.ui.class_shares import shares_figure, shares_table
from core.data.dataset import Category
from core.data.listing import ClassCount

PERSON, DOG = Category(1, "person", None), Category(2, "dog", None)


def test_shares_of_a_keypoint_sum_to_one():
    table = shares_table([ClassCount(1, "nose", (1, 1, 2))], [PERSON])
    assert table.to_dict("records") == [
        {
            "keypoint": "nose",
            "visible": 2,
            "hidden": 1,
            "not labelled": 1,
            "visible share": 0.5,
            "hidden share": 0.25,
            "not labelled share": 0.25,
        }
    ]


def test_a_keypoint_nobody_has_gives_no_division_by_zero():
    table = shares_table([ClassCount(1, "nose", (0, 0, 0))], [PERSON])
    assert table["visible share"].tolist() == [0.0]


def test_with_several_categories_keypoints_carry_their_category():
    counts = [ClassCount(1, "nose", (0, 0, 1)), ClassCount(2, "nose", (0, 0, 1))]
    table = shares_table(counts, [PERSON, DOG])
    assert table["keypoint"].tolist() == ["person: nose", "dog: nose"]


def test_names_reach_the_chart_escaped():
    figure = shares_figure(shares_table([ClassCount(1, "<b>", (0, 0, 1))], [PERSON]))
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;",)


def test_bars_carry_the_three_colours():
    figure = shares_figure(shares_table([ClassCount(1, "nose", (1, 1, 2))], [PERSON]))
    assert [bar.marker.color for bar in figure.data] == ["#009E73", "#E69F00", "#999999"]
