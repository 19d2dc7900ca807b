"""What is looked at: dataset, photo and run, or an upload, carried by the address.

A reload or a shared link shows the same; the session remembers it from page to page.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from app.ui.text import plain
from core.data.listing import DatasetInfo

DATASET, IMAGE, RUN = "dataset", "image", "run"  # names in the address
UPLOAD, UPLOADS, MODEL, FINDER = "upload", "uploads", "model", "people"
NO_UPLOAD_YET = "new"  # the address's upload while there is none
_NEWEST = object()
_ON_THEIR_WAY = 4  # addresses a browser may be behind; older ones somebody asked for again
_SHOWN = "shown_dataset"  # its id


def chosen_dataset(datasets: Sequence[DatasetInfo]) -> DatasetInfo | None:
    """The dataset chosen in the sidebar; at first the newest one. None where there is none."""
    by_name = {dataset.name: dataset for dataset in datasets}
    if not by_name:
        return None
    _follow_renamed({dataset.id: dataset.name for dataset in datasets})
    asked = _asked(DATASET)
    if asked not in (None, *by_name) and _next(DATASET) not in st.session_state:
        st.warning(f"There is no dataset {plain(asked or '')}; another one is shown.")
    newest = max(datasets, key=lambda dataset: dataset.created_at)
    with st.sidebar:
        name = choice_in_address("Dataset", DATASET, list(by_name), default=newest.name)
    st.session_state[_SHOWN] = by_name[name].id
    return by_name[name]


def _follow_renamed(names: Mapping[int, str]) -> None:
    """Stay with the dataset on screen where somebody gave it another name."""
    before: str = st.session_state.get(_last(DATASET), "")
    name = names.get(st.session_state.get(_SHOWN, 0), before)
    if name == before or _asked(DATASET) != before or _next(DATASET) in st.session_state:
        return
    st.info(f"The dataset {plain(before)} is called {plain(name)} now.")
    st.session_state[_next(DATASET)] = name


def choice_in_address(
    label: str,
    name: str,
    options: Sequence[str],
    *,
    default: str,
    width: int | Literal["stretch"] = "stretch",
    words: Callable[[str], str] = str,
    slider: bool = False,
    short: bool = False,
    explained: str | None = None,
) -> str:
    """A list to choose from whose value is the address's parameter `name`.

    Streamlit's own binding leaves a value out of the address that was not chosen by hand.

    Args:
        label: of the list.
        name: of the parameter.
        options: the values.
        default: where neither the address nor the session names one.
        width: of the list, in pixels.
        words: how a value is called in the list.
        slider: along a line instead of in a list.
        short: leave the default out of the address.
        explained: what the question mark beside the label says.
    """
    value = value_in_address(name, options, default=default)
    st.session_state.pop(_next(name), None)
    widget = f"choose_{name}"
    st.session_state[widget] = value
    st.session_state[_last(name)] = value
    if short and value == default:
        _leave(name)
    else:
        _write(name, value)
    ask: Any = st.select_slider if slider else st.selectbox
    ask(
        label,
        options=options,
        key=widget,
        width=width,
        format_func=words,
        help=explained,
        on_change=lambda: choose(name, st.session_state[widget]),
    )
    return value


def value_in_address(name: str, options: Sequence[str], *, default: str) -> str:
    """The value `choice_in_address` will show."""
    asked_for = st.session_state.get(_next(name))
    candidates = (
        default if asked_for is _NEWEST else asked_for,
        _asked(name),
        st.session_state.get(_last(name)),
    )
    return next((str(each) for each in candidates if each in options), default)


def choose(name: str, value: str) -> None:
    """Look at another dataset or run from the next run of the page on."""
    _choose_next(name, value)


def choose_newest(name: str) -> None:
    """Look at the newest dataset or run from the next run of the page on."""
    # Not by clearing the address: what a fragment changes there is lost in the rerun it asks for.
    _choose_next(name, _NEWEST)


def _choose_next(name: str, value: object) -> None:
    st.session_state[_next(name)] = value
    if name == DATASET:
        # With another dataset they mean nothing.
        _forget(IMAGE)
        _forget(RUN)


def chosen_image() -> int | None:
    """The photo id of the address; None without or where it is no number."""
    return number_in_address(IMAGE)


def choose_image(image_id: int) -> None:
    """Put the photo into the address."""
    put_into_address(IMAGE, image_id)


def number_in_address(name: str) -> int | None:
    """The parameter's value; None without or where it is no number."""
    asked = _asked(name) or ""
    return int(asked) if asked.isascii() and asked.removeprefix("-").isdigit() else None


def put_into_address(name: str, number: int | None) -> None:
    """Write the parameter; None takes it out."""
    if number is None:
        _leave(name)
    else:
        _write(name, str(number))


def chosen_upload(*, default: str) -> str:
    """The upload looked at instead of a dataset's photo, `NO_UPLOAD_YET`, or "" for a dataset.

    The address then names the one or the other, not both.
    """
    asked_for = st.session_state.pop(_next(UPLOAD), None)
    of_dataset = "" if _asked(DATASET) or _asked(IMAGE) else None
    candidates = (asked_for, _asked(UPLOAD), of_dataset, st.session_state.get(_last(UPLOAD)))
    value: str = next((each for each in candidates if each is not None), default)
    st.session_state[_last(UPLOAD)] = value
    if value:
        _write(UPLOAD, value)
        _leave(DATASET, IMAGE, RUN)
    else:
        _leave(UPLOAD, UPLOADS, MODEL)
    return value


def choose_upload(upload_id: str) -> None:
    """Look at another upload, or with "" at a dataset, from the next run of the page on."""
    st.session_state[_next(UPLOAD)] = upload_id


def show_upload(upload_id: str) -> None:
    """The upload on screen is another one than was asked for; `NO_UPLOAD_YET` for none."""
    st.session_state[_last(UPLOAD)] = upload_id
    _write(UPLOAD, upload_id)


def uploads_in_address() -> list[str]:
    """The ids of the uploads listed beside the one looked at; anybody's text."""
    return (_asked(UPLOADS) or "").split(".")


def list_uploads(upload_ids: Sequence[str]) -> None:
    """Put the listed uploads into the address, so that a reload finds them."""
    if len(upload_ids) > 1:
        _write(UPLOADS, ".".join(upload_ids))
    else:
        _leave(UPLOADS)


def _asked(name: str) -> str | None:
    """The address's value, unless the browser has not taken up yet what we wrote since.

    Who clicks fast sends the address of two clicks ago.
    """
    value = st.query_params.get(name)
    written = _written(name)
    if written and (value or "") == written[-1]:
        del written[:-1]
    return None if value in written[:-1] else value


def _write(name: str, value: str) -> None:
    st.query_params[name] = value
    _note(name, value)


def _forget(name: str) -> None:
    _leave(name)
    st.session_state.pop(_last(name), None)


def _leave(*names: str) -> None:
    """Take them out of the address."""
    for name in names:
        st.query_params.pop(name, None)
        _note(name, "")


def _note(name: str, value: str) -> None:
    written = _written(name)
    if written[-1:] != [value]:
        written.append(value)
    del written[:-_ON_THEIR_WAY]


def _written(name: str) -> list[str]:
    """What we put into the address last, oldest first, since the browser showed our newest."""
    written: list[str] = st.session_state.setdefault(f"written_{name}", [])
    return written


def _next(name: str) -> str:
    return f"next_{name}"


def _last(name: str) -> str:
    return f"last_{name}"
