import pytest

from app.workflow.names import checked_annotator, checked_name
from core.errors import UserError


@pytest.mark.parametrize(
    "name", ["v", "COCO val 2017", "Größe", "人物 ①", "نیم‌دیده", "👩\u200d🚀", "x" * 100]
)
def test_names_in_any_language_are_taken(name: str) -> None:
    assert checked_name(name) == name


def test_two_spellings_of_one_letter_are_one_name() -> None:
    assert checked_name("e\u0301") == checked_name("\u00e9")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is blank"),
        (" \t", "is blank"),
        ("a ", "begins or ends with a space"),
        ("x" * 101, "has 101 characters"),
        ("a\nb", "holds a control character"),
        ("a\x00b", "holds a control character"),
        ("a\u2028b", "holds a control character"),
        ("a\ud800b", "holds a control character"),
        ("a\u200b", "holds a control character"),
        ("\u202eabc", "holds a control character"),
        ("\u200d\u200c", "is blank"),
    ],
)
def test_names_nobody_could_read_are_refused(name: str, words: str) -> None:
    with pytest.raises(UserError, match=f"The run name {words}"):
        checked_name(name, what="run")


@pytest.mark.parametrize("name", ["main", " main ", "Main", "MAIN"])
def test_nobody_is_called_as_the_labels_everybody_shares(name: str) -> None:
    with pytest.raises(UserError) as refused:
        checked_annotator(name)
    assert str(refused.value) == (
        f"{name.strip()!r} is what the labels everybody shares are called. Take another name."
    )
    assert checked_annotator("Maine") == "Maine"
