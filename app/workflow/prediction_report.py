"""What became of a run, and the words for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.listing import RunInfo

EXAMPLES_SHOWN = 5


@dataclass(frozen=True)
class PredictionReport:
    """What became of a run.

    Attributes:
        num_photos: with somebody to look at, those that could not be read included.
        num_missing: photos that could not be read; their persons have no prediction.
        missing: their file names with why; of very many the first.
        unknown_keypoints: of the dataset, which the model does not know: not predicted.
        asked_name: how the run was to be called; None where nothing was asked for.
        num_matched: of people it found by itself, how many are annotated.
    """

    run: RunInfo
    num_photos: int
    num_missing: int
    missing: tuple[str, ...]
    unknown_keypoints: tuple[str, ...]
    asked_name: str | None = None
    num_matched: int = 0


def in_words(dataset: str, report: PredictionReport) -> str:
    """The report as sentences."""
    run, num_read = report.run, report.num_photos - report.num_missing
    lines = [
        f"Run {run.name} of {dataset}: {_counted(run.num_predictions, 'person')} on "
        f"{_counted(num_read, 'photo')}."
    ]
    if run.found_by:
        # On the first line, which is all that a banner shows at once.
        lines[0] += f" Found by {run.found_by.name}; {report.num_matched:,} of them are annotated."
    if report.asked_name not in (None, run.name):
        lines.append(f"The name {report.asked_name} was taken by another run meanwhile.")
    if report.num_missing:
        lines.append(f"{_counted(report.num_missing, 'photo')} could not be read:")
        lines += _listed(report.missing)
    if report.unknown_keypoints:
        lines.append(f"Not predicted, unknown to it: {', '.join(report.unknown_keypoints)}.")
    return "\n".join(lines)


def _listed(missing: Sequence[str]) -> list[str]:
    return [f"  - {each}" for each in missing[:EXAMPLES_SHOWN]]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
