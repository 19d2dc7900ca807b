import threading

import pytest

from app.workflow.recent import Recent

PATIENCE_S = 10


def test_what_was_made_is_kept_until_others_were_asked_for_since() -> None:
    made: list[str] = []
    kept: Recent[str, str] = Recent(2)

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())  # type: ignore[func-returns-value]

    assert [get(key) for key in "abab"] == ["A", "B", "A", "B"]
    get("a")
    get("c")  # b goes
    assert made == ["a", "b", "c"]
    get("a")
    get("b")
    assert made == ["a", "b", "c", "b"]


def test_what_could_not_be_made_is_tried_again() -> None:
    kept: Recent[int, int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        kept.get(1, lambda: 1 // 0)
    assert kept.get(1, lambda: 5) == 5


def test_several_who_ask_at_once_share_one_and_hold_up_nobody_else() -> None:
    kept: Recent[str, object] = Recent(4)
    go_on, begun = threading.Event(), threading.Event()
    made: list[object] = []

    def slow() -> object:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        made.append(object())
        return made[-1]

    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept.get("slow", slow))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(PATIENCE_S)
    assert kept.get("other", lambda: 7) == 7  # while the slow one is being made
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(made) == 1
    assert found == made * 4
