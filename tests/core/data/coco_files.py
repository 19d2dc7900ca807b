"""COCO files made by tests: small ones by hand, and odd ones of every style by hypothesis."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

NAMES = ["nose", "left_eye", "right_eye"]


def an_annotation(annotation_id: int = 1, *, v: tuple[int, ...] = (2, 1, 0), **fields: Any) -> dict:
    """A person of image 1 whose keypoints lie 10 px apart; `None` leaves a field out."""
    keypoints = [n for k, flag in enumerate(v) for n in [*_place(k, flag), flag]]
    annotation = {
        "id": annotation_id,
        "image_id": 1,
        "category_id": 1,
        "bbox": [5, 5, 50, 60],
        "area": 1500.5,
        "iscrowd": 0,
        "keypoints": keypoints,
        "num_keypoints": sum(flag > 0 for flag in v),
    } | fields
    return {key: value for key, value in annotation.items() if value is not None}


def an_image(image_id: int = 1, **fields: Any) -> dict:
    image = {"id": image_id, "file_name": f"{image_id}.jpg", "width": 640, "height": 480} | fields
    return {key: value for key, value in image.items() if value is not None}


def a_category(category_id: int = 1, **fields: Any) -> dict:
    category = {
        "id": category_id,
        "name": "person",
        "keypoints": NAMES,
        "skeleton": [[1, 2], [1, 3]],
    } | fields
    return {key: value for key, value in category.items() if value is not None}


def a_file(*annotations: dict, **top: Any) -> dict:
    document = {
        "images": [an_image()],
        "annotations": list(annotations) or [an_annotation()],
        "categories": [a_category()],
    } | top
    return {key: value for key, value in document.items() if value is not None}


def written(folder: Path, content: dict | list | str | bytes, name: str = "file.json") -> Path:
    path = folder / name
    if isinstance(content, dict | list):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _place(k: int, flag: int) -> list[int]:
    return [10 * k + 10, 10 * k + 15] if flag else [0, 0]


# Documents with a say in every byte of their text.


@dataclass(frozen=True)
class Number:
    """A number spelled this way; `role` marks those an export may rewrite."""

    text: str
    role: tuple[int, str, int] | None = None  # annotation id, key, place in its list


@dataclass(frozen=True)
class Members:
    """An object whose keys may stand there twice."""

    pairs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Style:
    indent: str | None
    newline: str
    colon: str
    comma: str
    escape_keys: bool
    ascii_only: bool
    bom: bool
    end: str


@dataclass(frozen=True)
class Piece:
    """A part of a document's text; `role` as in `Number`, None for all that must stay."""

    text: str
    role: tuple[int, str, int] | None = None


def pieces_of(node: Any, style: Style, depth: int = 0) -> list[Piece]:
    if isinstance(node, Number):
        return [Piece(node.text, node.role)]
    if isinstance(node, Members):
        items = [
            [Piece(_key(key, style) + style.colon), *pieces_of(value, style, depth + 1)]
            for key, value in node.pairs
        ]
        return _enclosed("{", items, "}", style, depth)
    if isinstance(node, dict):
        return pieces_of(Members(tuple(node.items())), style, depth)
    if isinstance(node, list | tuple):
        return _enclosed("[", [pieces_of(n, style, depth + 1) for n in node], "]", style, depth)
    return [Piece(_plain(node, style))]


def _enclosed(
    opening: str, items: list[list[Piece]], closing: str, style: Style, depth: int
) -> list[Piece]:
    if not items:
        return [Piece(opening + closing)]
    inner = outer = ""
    if style.indent is not None:
        inner = style.newline + style.indent * (depth + 1)
        outer = style.newline + style.indent * depth
    pieces = [Piece(opening + inner)]
    for number, item in enumerate(items):
        pieces += [Piece(style.comma + inner)] if number else []
        pieces += item
    return [*pieces, Piece(outer + closing)]


def _key(key: str, style: Style) -> str:
    if style.escape_keys and key:
        return f'"{key[:-1]}\\u{ord(key[-1]):04x}"'
    return _plain(key, style)


def _plain(value: Any, style: Style) -> str:
    text = json.dumps(value, ensure_ascii=style.ascii_only)
    return text.replace("\ud800", "\\ud800")  # half a character can only be spelled escaped


styles = st.builds(
    Style,
    indent=st.sampled_from([None, "", " ", "    ", "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    colon=st.sampled_from([":", ": ", " : "]),
    comma=st.sampled_from([",", ", ", " ,"]),
    escape_keys=st.booleans(),
    ascii_only=st.booleans(),
    bom=st.booleans(),
    end=st.sampled_from(["", "\n", "\r\n", " \n\n"]),
)


@dataclass(frozen=True)
class MadeFile:
    """A document as text in pieces."""

    pieces: tuple[Piece, ...]
    bom: bytes

    @property
    def source(self) -> bytes:
        return self.bom + "".join(piece.text for piece in self.pieces).encode()


flags = st.sampled_from(
    ["0", "-0", "0.0", "0e0", "1", "1.0", "1.00", "1e0", "10E-1", "2", "2.0", "2.000", "2E+0"]
)
coordinates = st.one_of(
    st.integers(0, 640).map(str),
    st.integers(0, 6400).map(lambda n: f"{n / 10:.1f}"),
    st.integers(-300, 64000).map(lambda n: f"{n / 100:.2f}"),
    st.integers(0, 640_000_000).map(lambda n: f"{n / 1_000_000:.6f}"),
    st.sampled_from(["0", "-0", "0.0", "-0.0", "1E+2", "4.125e2", "3125e-1", "0e5", "640.00"]),
)
odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        ["", "né", "“kp”", "日本語", "😀", '"keypoints": [1, 2, 2]', "a\\b/\t", "\ud800"]
    ),
    st.just({"keypoints": [1, 2, 2], "num_keypoints": 9, "id": 3}),
    st.just([[1.50, 2, 3e0], []]),
    st.just({"counts": "Zei62gj08I7N2\\N2", "size": [480, 640]}),
)


@st.composite
def made_files(draw: st.DrawFn) -> MadeFile:
    """Files without errors, with every oddity a reader may meet."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    categories = [
        Members(_shuffled(draw, _category(draw, number + 1, size)))
        for number, size in enumerate(sizes)
    ]
    images = [
        Members(_shuffled(draw, [("id", image_id), ("file_name", f"é{image_id}.jpg"),
                                 ("width", 640), ("height", Number("480.0")),
                                 *_extras(draw)]))
        for image_id in range(1, draw(st.integers(1, 3)) + 1)
    ]  # fmt: skip
    count = draw(st.integers(0, 6))
    ids = draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=count, max_size=count,
                        unique=True))  # fmt: skip
    annotations = [_annotation(draw, i, sizes, len(images)) for i in ids]
    top = [
        ("images", images),
        ("annotations", annotations),
        ("categories", categories),
        ("info", draw(odd_values)),
        ("licenses", draw(st.sampled_from([None, [], [{"id": 1, "name": "CC \u00a9"}]]))),
    ]
    top = _shuffled(draw, [*top, *_extras(draw)])
    if draw(st.booleans()):
        top = [("annotations", [{"id": "not this one"}]), ("images", 3), *top]
    style = draw(styles)
    pieces = [*pieces_of(Members(tuple(top)), style), Piece(style.end)]
    return MadeFile(tuple(pieces), b"\xef\xbb\xbf" if style.bom else b"")


def _category(draw: st.DrawFn, category_id: int, size: int) -> list[tuple[str, Any]]:
    names = [f"point {k} é" for k in range(size)]
    return [("id", category_id), ("name", "person"), ("keypoints", names), *_extras(draw)]


def _annotation(draw: st.DrawFn, annotation_id: int, sizes: list[int], images: int) -> Members:
    category = draw(st.integers(1, len(sizes)))
    size = sizes[category - 1]
    pairs = [
        ("id", annotation_id),
        ("image_id", draw(st.integers(1, images))),
        ("category_id", Number(draw(st.sampled_from([f"{category}", f"{category}.0"])))),
        ("bbox", [Number(draw(coordinates)) for _ in range(4)]),
        ("iscrowd", draw(st.sampled_from([0, 1, False, True]))),
        *_extras(draw),
    ]
    if draw(st.booleans()):
        pairs.append(("area", Number(draw(coordinates))))
    first = []  # what comes before the member that counts
    if draw(st.integers(0, 4)):
        numbers = [draw(flags if n % 3 == 2 else coordinates) for n in range(3 * size)]
        pairs.append(("keypoints", [
            Number(text, (annotation_id, "keypoints", n)) for n, text in enumerate(numbers)
        ]))  # fmt: skip
        first += draw(st.sampled_from([[], [("keypoints", [5, 5.50, 2])], [("keypoints", None)]]))
        labelled = sum(float(text) > 0 for text in numbers[2::3])
        count = draw(st.sampled_from([None, f"{labelled}", f"{labelled}.0", "17", '"1"', "null"]))
        if count is not None:
            pairs.append(("num_keypoints", Number(count, (annotation_id, "num_keypoints", 0))))
            first += draw(st.sampled_from([[], [("num_keypoints", 4)]]))
    return Members((*first, *_shuffled(draw, pairs)))


def _extras(draw: st.DrawFn) -> list[tuple[str, Any]]:
    return [
        (name, draw(odd_values))
        for name in draw(st.lists(st.sampled_from(["note", "attributes", "é", "", "rle"]),
                                  max_size=2, unique=True))
    ]  # fmt: skip


def _shuffled(draw: st.DrawFn, pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(draw(st.permutations(pairs)))
