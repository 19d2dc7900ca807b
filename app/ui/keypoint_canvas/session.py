"""What one browser session of the editor knows: where it is, what was answered, what it has."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.workflow.relabel_steps import Answer, Refusal


@dataclass(frozen=True)
class View:
    """Whose people are gone through.

    Attributes:
        run: whose predictions are shown; None for none.
        reviewed: only people who are reviewed (True) or not (False).
    """

    dataset: str
    run: str | None
    reviewed: bool | None


def _now_ms() -> int:
    # A browser that outlives a restart of the server must not meet a number it knows.
    return time.time_ns() // 1_000_000


@dataclass
class EditorSession:
    """Kept in the session state of Streamlit; changed by callbacks only.

    Attributes:
        view: what the queue is made of; another one loads anew.
        item: annotation id on screen; None for the first of the queue.
        reset: counts up when Python, not the browser, decides what is on screen.
        number: counts up with every window of items loaded; the browser says which it has.
        window: the items as sent; None before the first, and where there is nobody.
        outdated: whether the window must be loaded before it is sent again.
        has: number of the window the browser has taken in.
        ack: the last acknowledgement as sent.
    """

    view: View | None = None
    item: int | None = None
    reset: int = field(default_factory=_now_ms)
    number: int = field(default_factory=_now_ms)
    window: dict[str, Any] | None = None
    outdated: bool = True
    has: int | None = None
    ack: dict[str, Any] | None = None

    def look_at(self, view: View, asked: int | None) -> None:
        """Follow what the sidebar and the address say.

        Args:
            asked: the item in the address, which follows the editor unless somebody changed it.
        """
        another_dataset = self.view is not None and view.dataset != self.view.dataset
        if view == self.view and asked in (None, self.item):
            return
        self.view = view
        self.go(None if another_dataset and asked == self.item else asked)

    def go(self, item: int | None) -> None:
        """Put an item on screen, whatever the browser shows."""
        self.item = item
        self.reset += 1
        self.outdated = True

    def loaded(self, window: dict[str, Any], item: int) -> None:
        """Keep a window of items just loaded."""
        self.number += 1
        self.item = item
        self.window = {**window, "n": self.number, "reset": self.reset}
        self.outdated = False

    def nobody(self) -> None:
        """There is nobody to show; asked again with the next run of the page."""
        self.window = None

    def told(self, message: Mapping[str, Any], answers: list[Answer], error: str) -> None:
        """Take in a message of the browser that has been saved."""
        self.has = message.get("have")
        if self.has is None:
            self.outdated = True  # a fresh editor shows what is on disk, not what once was
        self.ack = {
            "client": message.get("client"),
            "seq": message.get("seq"),
            "error": error or None,
            "items": [_answer(answer) for answer in answers],
        }
        at = message.get("at")
        if not isinstance(at, Mapping) or at.get("reset") != self.reset:
            return  # sent before Python put something else on screen
        if isinstance(at.get("item"), int) and at["item"] != self.item:
            self.item = at["item"]
            self.outdated = True

    def for_browser(self) -> dict[str, Any]:
        """Acknowledgement and items; items only as long as the browser has not taken them in."""
        assert self.window is not None
        known = self.has == self.number
        return {"ack": self.ack, "window": {"n": self.number} if known else self.window}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "dataset": answer.dataset,
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
