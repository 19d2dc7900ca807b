"""How the three flags look, everywhere alike: colour-blind-safe, and shape beside colour."""

from core.data.visibility import Visibility

COLOURS = {
    Visibility.VISIBLE: "#009E73",
    Visibility.OCCLUDED: "#E69F00",
    Visibility.UNLABELLED: "#999999",
}
WORDS = {
    Visibility.VISIBLE: "visible",
    Visibility.OCCLUDED: "hidden",
    Visibility.UNLABELLED: "not labelled",
}


def flag_words(flag: int) -> str:
    """`2 visible`."""
    return f"{flag} {WORDS[Visibility(flag)]}"
