import pytest

from app.ui.text import count, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("val 2017", "val 2017"),
        ("**x**", r"\*\*x\*\*"),
        ("<img onerror>", r"\<img onerror\>"),
        (":smile:", "\\:\u2060smile\\:\u2060"),
        ("a\n# b", r"a \# b"),
        ("$x$ `y`", r"\$x\$ \`y\`"),
        ("größe 写真", "größe 写真"),
    ],
)
def test_markup_is_switched_off_and_text_stays(text, shown):
    assert plain(text) == shown


def test_numbers_come_with_their_noun():
    assert count(1, "photo") == "1 photo"
    assert count(12345, "photo") == "12,345 photos"
    assert count(0, "entry", "entries") == "0 entries"
