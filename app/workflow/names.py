"""Names people give: to datasets, to runs, and their own."""

import unicodedata

from core.data.review import MAIN
from core.errors import UserError

LONGEST_NAME = 100
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # unseen, too, but needed by Persian and by many emoji


def checked_name(name: str, *, what: str = "dataset") -> str:
    """The name in one Unicode spelling, so that two that look alike are alike.

    Raises:
        UserError: it is blank, too long, or holds characters nobody sees.
    """
    name = unicodedata.normalize("NFC", name)
    article = "An" if what[0] in "aeiou" else "A"
    remedy = f"{article} {what} name has 1 to {LONGEST_NAME} visible characters, in any language."
    if not name.strip():
        raise UserError(f"The {what} name is blank.", remedy=remedy)
    if name != name.strip():
        raise UserError(f"The {what} name begins or ends with a space.", remedy=remedy)
    if len(name) > LONGEST_NAME:
        raise UserError(f"The {what} name has {len(name)} characters.", remedy=remedy)
    # Cc control, Cs half a surrogate pair, Zl and Zp line ends, Cf unseen, e.g. turning the text.
    if any(unicodedata.category(x) in _UNSEEN for x in name if x not in _JOINERS):
        raise UserError(f"The {what} name holds a control character.", remedy=remedy)
    if all(x in _JOINERS for x in name):
        raise UserError(f"The {what} name is blank.", remedy=remedy)
    return name


def checked_annotator(name: str) -> str:
    """The name verdicts are kept with, without the spaces around it.

    Raises:
        UserError: as `checked_name`, or it is that of the labels everybody shares: an annotator's
            own label set has the annotator's name.
    """
    name = checked_name(name.strip(), what="annotator")
    if name.casefold() == MAIN:
        raise UserError(
            f"{name!r} is what the labels everybody shares are called.",
            remedy="Take another name.",
        )
    return name
