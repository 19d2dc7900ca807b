"""Configs as JSON and back: any frozen dataclass of bounded fields and other configs. No torch."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

from core.models.fields import BOUND, CHOSEN, LATER, Chosen, said

_LONGEST = 60  # characters of a name in a message
_KIND = "kind"  # beside the fields of a class that has a `kind`, in JSON

ConfigT = TypeVar("ConfigT")


def as_json(value: Any) -> Any:
    """A config as objects and lists; a class with a `kind` says it first."""
    if is_dataclass(value):
        kind = {_KIND: getattr(value, _KIND)} if hasattr(value, _KIND) else {}
        return kind | {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    return value


def read_object(
    found: object, wanted: type[ConfigT], path: str, problems: list[str]
) -> ConfigT | None:
    """The config that JSON says, None where it does not fit.

    Args:
        found: what JSON holds at `path`.
        wanted: a dataclass.
        path: for messages, e.g. "model.codec"; empty at the top.
        problems: everything that is wrong is added, with its full path.
    """
    if not isinstance(found, dict):
        problems.append(f"{path} is not an object")
        return None
    before = len(problems)
    known: dict[str, Field[Any]] = {
        field.name: field
        for field in fields(wanted)  # type: ignore[arg-type]
    }
    own = {*known, _KIND} if hasattr(wanted, _KIND) else {*known}
    prefix = f"{path}." if path else ""
    needed = (name for name, field in known.items() if not field.metadata.get(LATER))
    problems += [f"{prefix}{name} is missing" for name in needed if name not in found]
    problems += [f"{prefix}{name[:_LONGEST]} is unknown" for name in found if name not in own]
    classes = get_type_hints(wanted)
    values = {}
    for name in (name for name in known if name in found):
        wish = _class_of(known[name], classes[name], found, prefix, problems)
        values[name] = _value(found[name], known[name], wish, f"{prefix}{name}", problems)
    return wanted(**values) if len(problems) == before else None


def _class_of(
    field: "Field[Any]", hint: Any, siblings: dict[str, Any], prefix: str, problems: list[str]
) -> Any:
    """The type of a field; None where the word that decides it is missing or unknown."""
    choice: Chosen | None = field.metadata.get(CHOSEN)
    if choice is None:
        return hint
    if choice.by:  # a field of its own, so what is wrong with it is said already
        return _class_named(siblings.get(choice.by), choice)
    inner = siblings[field.name]
    if not isinstance(inner, dict):
        problems.append(f"{prefix}{field.name} is not an object")
        return None
    word = inner.get(_KIND)
    if _class_named(word, choice) is None:
        known = ", ".join(choice.classes)
        wrong = f"is {said(word)}, not one of {known}" if _KIND in inner else "is missing"
        problems.append(f"{prefix}{field.name}.{_KIND} {wrong}")
    return _class_named(word, choice)


def _class_named(word: object, choice: Chosen) -> type | None:
    return choice.classes.get(word) if isinstance(word, str) else None


def _value(found: Any, field: "Field[Any]", wanted: Any, path: str, problems: list[str]) -> Any:
    if BOUND in field.metadata:
        value = _frozen(found)
        problem = field.metadata[BOUND].problem(value)
        problems += [f"{path} {problem}"] if problem else []
        return value
    if wanted is None:
        return None
    if isinstance(wanted, type) and is_dataclass(wanted):
        return read_object(found, wanted, path, problems)
    misfit = _misfit(found, wanted)
    problems += [f"{path} is {said(found)}, which is not {misfit}"] if misfit else []
    return found


def _misfit(value: object, wanted: Any) -> str:
    """What a value of an unbounded field is not, in words; empty if it fits."""
    kinds: Mapping[Any, tuple[type, str]] = {
        str: (str, "text"),
        int: (int, "a whole number"),
        dict[str, Any]: (dict, "an object"),
    }
    kind, words = kinds[wanted]
    return "" if isinstance(value, kind) and not isinstance(value, bool) else words


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
