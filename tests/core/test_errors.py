"""UserError reads as: where, what, what to do, then every problem."""

from core.errors import UserError


def test_an_error_reads_where_what_remedy_and_then_every_problem():
    error = UserError(
        "2 annotations are wrong.",
        where="people.json",
        remedy="Fix them and import again.",
        problems=["Annotation 1 has no image.", "Annotation 2 has 48 keypoint values."],
    )
    assert str(error) == (
        "people.json: 2 annotations are wrong. Fix them and import again.\n"
        "  - Annotation 1 has no image.\n"
        "  - Annotation 2 has 48 keypoint values."
    )


def test_an_error_with_nothing_but_a_sentence_is_that_sentence():
    assert str(UserError("The disk is full.")) == "The disk is full."
