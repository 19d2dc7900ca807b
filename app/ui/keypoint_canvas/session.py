"""What one browser session of the editor knows: where it is, what was answered, what it has."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.workflow.queue import Item, Queue
from app.workflow.relabel_steps import Answer, Refusal

# An annotator who stays on one person, deciding, is told of to others so often; far within a claim.
SEEN_AGAIN_S = 60.0


@dataclass(frozen=True)
class View:
    """Whose people are gone through, by whom.

    Attributes:
        dataset: its name.
        version: its id, which a newer version of its file has another of.
    """

    dataset: str
    version: int
    queue: Queue
    annotator: str

    def shares_log_with(self, other: "View") -> bool:
        """Whether what was done under the other view can be undone under this one."""
        return self._log == other._log

    @property
    def _log(self) -> tuple[str, int, str, str]:
        return self.dataset, self.version, self.queue.label_set, self.annotator


def _now_ms() -> int:
    # A browser that outlives a restart of the server must not meet a number it knows.
    return time.time_ns() // 1_000_000


@dataclass
class Parcel:
    """Something for the browser, sent until it says that it has taken it in.

    Attributes:
        number: counts up with every content; the browser says which it has.
        content: as sent; None before the first.
        outdated: whether it must be made anew before it is sent again.
        has: number of what the browser has taken in.
        made_at: when the content was made, in seconds of a clock that never goes back.
    """

    number: int = field(default_factory=_now_ms)
    content: dict[str, Any] | None = None
    outdated: bool = True
    has: object = None
    made_at: float = 0.0

    def fill(self, content: dict[str, Any]) -> None:
        """Keep a content just made."""
        self.number += 1
        self.content = {**content, "n": self.number}
        self.outdated = False
        self.made_at = time.monotonic()

    def told(self, has: object) -> None:
        """The browser says what it has; a fresh one is given what is on disk, not what once was."""
        self.has = has
        if has is None:
            self.outdated = True

    @property
    def is_known(self) -> bool:
        """Whether the browser has taken the content in."""
        return self.has == self.number


@dataclass
class EditorSession:
    """Kept in the session state of Streamlit; changed by callbacks only.

    Attributes:
        view: what the queue is made of; another one loads anew.
        at: the item on screen; None for where the annotator stopped.
        shown: the item loaded last, which the address names when the browser is up to date.
        anchor: the last item of the queue on screen; what comes next goes on from there.
        handed_out: `at` came by going on in the queue, so that others' claims hold it back.
        reset: counts up when Python, not the browser, decides what is on screen.
        window: the items around `at`.
        log: the newest part of the undo log, or an older one that was asked for.
        older: the step whose elders the browser asked for last.
        ack: the last acknowledgement as sent.
    """

    view: View | None = None
    at: Item | None = None
    shown: Item | None = None
    anchor: Item | None = None
    handed_out: bool = False
    reset: int = field(default_factory=_now_ms)
    window: Parcel = field(default_factory=Parcel)
    log: Parcel = field(default_factory=Parcel)
    older: str | None = None
    ack: dict[str, Any] | None = None

    def look_at(self, view: View, asked: Item | None) -> None:
        """Follow what the sidebar and the address say.

        Args:
            asked: the item in the address, which follows the editor unless somebody changed it.
        """
        before = self.view
        follows = asked in (None, self.at, self.shown)
        if view == before and follows:
            return
        self.view = view
        if before is None or not view.shares_log_with(before):
            self.log.outdated, self.older = True, None
        another_dataset = before is not None and view.version != before.version
        if another_dataset or (before is not None and view.queue != before.queue):
            self.anchor = None
        if not follows:
            self.go(asked)
        else:
            self.go(None if another_dataset else self.at)

    def go(self, item: Item | None) -> None:
        """Put an item on screen, whatever the browser shows."""
        self.at, self.handed_out = item, False
        self.reset += 1
        self.window.outdated = True

    def come_back(self) -> None:
        """The editor was away: labels and steps may have changed meanwhile."""
        self.window.outdated = self.log.outdated = True
        self.older = None

    def loaded(self, window: dict[str, Any], at: Item, *, in_queue: bool) -> None:
        """Keep a window of items just loaded."""
        self.at = self.shown = at
        if in_queue:
            self.anchor = at
        self.window.fill({**window, "reset": self.reset})

    def log_loaded(self, log: dict[str, Any]) -> None:
        """Keep a part of the undo log just loaded."""
        self.log.fill({**log, "reset": self.reset})

    def nobody(self) -> None:
        """There is nobody to show; asked again with the next run of the page."""
        self.window.content = None

    def told(self, message: Mapping[str, Any], answers: list[Answer], error: str) -> None:
        """Take in a message of the browser that has been saved."""
        self.window.told(message.get("have"))
        if answers and (not self.window.is_known or self._is_long_here):
            # It may still be on its way, made before what is acknowledged now was written.
            self.window.outdated = True
        self._told_of_log(message)
        self.ack = {
            "client": message.get("client"),
            "seq": message.get("seq"),
            "error": error or None,
            "items": [_answer(answer) for answer in answers],
        }
        at = message.get("at")
        if not isinstance(at, Mapping) or at.get("reset") != self.reset:
            return  # sent before Python put something else on screen
        item = _item(at)
        if item is None:
            return
        if item != self.at:
            self.at, self.handed_out = item, at.get("handed_out") is True
            self.window.outdated = True
        elif at.get("handed_out") is not True:
            self.handed_out = False  # work on it has begun: nobody takes it away any more

    @property
    def _is_long_here(self) -> bool:
        return time.monotonic() - self.window.made_at > SEEN_AGAIN_S

    def _told_of_log(self, message: Mapping[str, Any]) -> None:
        self.log.told(message.get("haveUndo"))
        older = message.get("older")
        if self.log.has is None:
            self.older = None
        elif isinstance(older, str) and older != self.older:
            self.older, self.log.outdated = older, True

    def for_browser(self) -> dict[str, Any]:
        """Acknowledgement, items and undo log; only what the browser has not taken in."""
        window, log = self.window, self.log
        return {
            "ack": self.ack,
            "window": {"n": window.number} if window.is_known else window.content,
            "undo": None if log.is_known else log.content,
        }


def _item(at: Mapping[str, Any]) -> Item | None:
    """The item a message names; a browser may say anything."""
    annotation_id, keypoint = at.get("item"), at.get("keypoint")
    if isinstance(annotation_id, bool) or not isinstance(annotation_id, int):
        return None
    if isinstance(keypoint, bool) or not isinstance(keypoint, int | None):
        return None
    return Item(annotation_id, keypoint)


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "dataset": answer.dataset,
        "label_set": answer.label_set,
        "item": answer.item,
        "revisions": list(answer.revisions),
        "stale": [_refusal(refusal) for refusal in answer.stale],
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "step": refusal.step,
        "keypoint": refusal.keypoint,
        "x": refusal.current.x_image_px,
        "y": refusal.current.y_image_px,
        "v": int(refusal.current.visibility),
        "revision": refusal.current_revision,
        "by": refusal.current_annotator,
    }
