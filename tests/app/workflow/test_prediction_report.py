"""The words for what became of a run."""

from datetime import UTC, datetime

from app.workflow.prediction_report import PredictionReport, in_words
from core.data.listing import RunInfo

RUN = RunInfo("tiny-2", "tiny", "ab" * 32, ("nose",), "annotated", datetime.now(UTC), 1234)


def test_a_whole_run_is_one_sentence() -> None:
    report = PredictionReport(RUN, 1, 0, (), ())
    assert in_words("val", report) == "Run tiny-2 of val: 1,234 persons on 1 photo."


def test_everything_that_is_not_as_wished_is_said() -> None:
    missing = tuple(f"{n}.jpg: the photo is missing" for n in range(7))
    report = PredictionReport(RUN, 20, 7, missing, ("tail", "paw"), "mine")
    assert in_words("val", report).splitlines() == [
        "Run tiny-2 of val: 1,234 persons on 13 photos.",
        "The name mine was taken by another run meanwhile.",
        "7 photos could not be read:",
        *(f"  - {n}.jpg: the photo is missing" for n in range(5)),
        "Not predicted, unknown to it: tail, paw.",
    ]
