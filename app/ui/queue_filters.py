"""The sidebar of Relabel: which people or keypoints to go through, and in which order.

Every choice is in the address, so that a reload or a shared link shows the same queue.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from app.ui.chosen import choice_in_address, value_in_address
from app.ui.flags import flag_words
from app.workflow.queue import Queue, Unit
from core.data.listing import DatasetInfo, RunInfo
from core.data.review import MAIN
from core.data.visibility import Visibility

_ANY = {"": "Any"}
_FLAGS = _ANY | {str(int(flag)): flag_words(flag) for flag in Visibility}
_SUSPICIONS = {f"{n / 20:g}": f"{n / 20:.2f}" for n in range(21)}
_REVIEWED = {"all": None, "open": False, "reviewed": True}
_BLIND = (
    "Blind: you see nobody's verdicts and nobody sees yours, to measure how well annotators "
    "agree. Everybody's labels stay as they are."
)


@dataclass(frozen=True)
class _Choice:
    """One list of the sidebar; the first value is the default and left out of the address.

    Attributes:
        name: in the address.
        words: of the values.
    """

    label: str
    name: str
    words: Mapping[str, str]
    slider: bool = False
    explained: str | None = None

    @property
    def _default(self) -> str:
        return next(iter(self.words))

    @property
    def is_set(self) -> bool:
        """Whether it will show another value than the default."""
        return value_in_address(self.name, list(self.words), default=self._default) != self._default

    def show(self) -> str:
        """The value chosen."""
        return choice_in_address(
            self.label,
            self.name,
            list(self.words),
            default=self._default,
            words=lambda value: self.words[value],
            slider=self.slider,
            short=True,
            explained=self.explained,
        )


_UNIT = _Choice("Go through", "unit", {"people": "People", "keypoints": "Single keypoints"})
_SHOWN = _Choice(
    "Which", "show", {"all": "All", "open": "Not reviewed yet", "reviewed": "Reviewed"}
)
_ORDER = _Choice("Order", "order", {"doubt": "Most doubtful first", "file": "As in the file"})
_LABELS = _Choice(
    "Labels",
    "labels",
    {"main": "Everybody's labels", "own": "My own, blind"},
    explained=_BLIND,
)
_GIVEN = _Choice("Given flag", "given", _FLAGS)
_SUGGESTED = _Choice("Suggested flag", "suggested", _FLAGS)
_SUSPICION = _Choice("Suspicion at least", "suspicion", _SUSPICIONS, slider=True)


def choose_queue(dataset: DatasetInfo, run: RunInfo | None, *, annotator: str) -> Queue:
    """What to go through, as the sidebar says; without a run nothing is suspected."""
    keypoint = _Choice("Keypoint", "keypoint", _keypoints(dataset))
    filters = [keypoint, _GIVEN, *([_SUGGESTED, _SUSPICION] if run else [])]
    with st.sidebar:
        shown = {choice.name: choice.show() for choice in _main_choices(run, annotator)}
        set_now = sum(choice.is_set for choice in filters)
        label = f"Filters: {set_now} set" if set_now else "Filters"
        with st.expander(label, expanded=set_now > 0):
            shown |= {choice.name: choice.show() for choice in filters}
    return Queue(
        unit=Unit(shown["unit"]),
        run=run.name if run else None,
        by_suspicion=shown.get("order") != "file",
        keypoint=shown["keypoint"] or None,
        given=_flag(shown["given"]),
        suggested=_flag(shown.get("suggested", "")),
        suspicion=float(shown.get("suspicion", 0)),
        reviewed=_REVIEWED[shown["show"]],
        label_set=annotator if shown.get("labels") == "own" else MAIN,
    )


def _main_choices(run: RunInfo | None, annotator: str) -> list[_Choice]:
    by_run = [_ORDER] if run else []
    # Somebody of this very name would share their own labels with everybody.
    by_name = [_LABELS] if annotator != MAIN else []
    return [_UNIT, _SHOWN, *by_run, *by_name]


def _keypoints(dataset: DatasetInfo) -> dict[str, str]:
    """Every name any person of the dataset can have, as the categories list them."""
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    names = dict.fromkeys(name for skeleton in skeletons for name in skeleton.names)
    return _ANY | {name: name.replace("_", " ") for name in names if name}


def _flag(value: str) -> Visibility | None:
    return Visibility(int(value)) if value else None
