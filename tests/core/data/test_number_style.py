"""A new number takes the style of the one it replaces."""

import pytest

from core.data.number_style import CoordinateStyle, file_style, flag_text, number_spans


@pytest.mark.parametrize(
    ("replaced", "written"),
    [("2", "1"), ("-0", "1"), ("2.0", "1.0"), ("2.00", "1.00"), ("2e0", "1.0"), ("20E-1", "1.0"),
     ("2.000E+0", "1.000")],
)  # fmt: skip
def test_a_flag_keeps_its_type_and_decimals(replaced: str, written: str):
    assert flag_text(1, replaced) == written


@pytest.mark.parametrize(
    ("replaced", "written"),
    [("412", "0"), ("412.5", "0.0"), ("412.50", "0.00"), ("4.125e2", "0.000"), ("412e0", "0.0"),
     ("-7.1234", "0.0000")],
)  # fmt: skip
def test_zero_is_written_in_the_style_of_the_number_replaced(replaced: str, written: str):
    assert CoordinateStyle(0, 2).text(0.0, replaced) == written
    assert CoordinateStyle(0, 2).text(-0.0, replaced) == written


@pytest.mark.parametrize(
    ("around", "replaced", "written"),
    [
        (["412", "300"], "412", "231"),  # whole numbers stay whole
        (["412.0", "300.0"], "412.0", "231.3"),
        (["412.53", "300.1"], "0", "231.26"),  # as fine as its neighbours
        (["412.50", "300.00"], "412.50", "231.26"),
        (["412.123456"], "412.123456", "231.26"),  # at most two
        (["412"], "412.25", "231.26"),
        (["4.125e2"], "4.125e2", "231.26"),
    ],
)
def test_a_moved_coordinate_has_the_decimals_of_those_around(
    around: list[str], replaced: str, written: str
):
    assert CoordinateStyle.of(around).text(231.2573, replaced) == written


@pytest.mark.parametrize(
    ("around", "replaced", "written"),
    [
        (["412.53", "300.1"], "412.53", "231.5"),
        (["412.53", "300.10"], "412.53", "231.50"),
        (["412.53", "300"], "412", "231.5"),
        (["412.53", "300"], "412.5", "231.5"),
    ],
)
def test_zeros_at_the_end_are_dropped_where_those_around_drop_them(
    around: list[str], replaced: str, written: str
):
    assert CoordinateStyle.of(around).text(231.5, replaced) == written


def test_a_number_with_a_point_keeps_one():
    assert CoordinateStyle.of(["412.53", "300"]).text(231.0, "412.5") == "231.0"
    assert CoordinateStyle.of(["412.53", "300"]).text(231.0, "412") == "231"


def test_a_tiny_negative_coordinate_is_no_minus_zero():
    assert CoordinateStyle.of(["412.5"]).text(-0.001, "412.5") == "0.0"


def test_the_style_of_a_file_is_that_of_its_first_labelled_keypoints():
    assert file_style(b'"keypoints":[0,0,0, 1.5,2.25,1] "keypoints" : [ 3,4e0,2 ]') == (
        CoordinateStyle(0, 2)
    )
    assert file_style(b'"keypoints": [10, 20, 2, 0, 0, 0]') == CoordinateStyle(0, 0)


def test_names_and_unlabelled_keypoints_show_no_style():
    source = b'"keypoints": ["nose", "a1"], "keypoints": [0.00, 0.00, 0]'
    assert file_style(source) == CoordinateStyle(0, 2)


def test_only_the_first_keypoint_lists_are_looked_at():
    source = b'"keypoints": [1, 2, 2]' * 200 + b'"keypoints": [1.25, 2, 2]'
    assert file_style(source) == CoordinateStyle(0, 0)


def test_numbers_are_found_between_two_places():
    text = "1, [-2.5e+3 ,0] 4"
    assert [text[a:b] for a, b in number_spans(text, 3, 15)] == ["-2.5e+3", "0"]
