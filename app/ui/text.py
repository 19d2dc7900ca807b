"""Text from files and people, made safe to show where Streamlit reads Markdown."""

import re

# U+2060 joins words and is not seen; behind it no emoji code, directive or address is recognised.
_JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    r"""The text with everything Markdown, HTML or Streamlit would read as markup switched off.

    >>> plain("**x**")
    '\\*\\*x\\*\\*'
    """
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", one_line).replace(r"\:", rf"\:{_JOINER}")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 photo`, `12,345 photos`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
