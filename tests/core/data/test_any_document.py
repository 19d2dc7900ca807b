"""Whatever stands in a file, the answer is a dataset, a report or a refusal in words."""

import copy
import json
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.coco_json import open_coco, write_coco
from core.errors import UserError
from tests.core.data.coco_files import a_category, a_file, an_annotation, an_image

GOOD = a_file(
    an_annotation(1),
    an_annotation(2, category_id=2, v=(1, 2)),
    an_annotation(3, image_id=2),
    images=[an_image(1), an_image(2)],
    categories=[a_category(), a_category(2, keypoints=None)],
    info={"description": "d"},
    licenses=[{"name": "n"}],
)
odd_things = st.one_of(
    st.sampled_from([None, True, False, "", "1", [], {}, [[]], [1, 2, 2], "\ud800", "a\nb\x1b[2J"]),
    st.sampled_from([0, -1, 2**31, 2**63, -(2**63), 10**400, -(10**400), 1e300, 0.5, 2.0]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    ),
)  # fmt: skip


def places(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ways to every value of a document."""
    below: list[tuple[Any, ...]] = []
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    for step, value in steps:
        below.append((*way, step))
        if isinstance(value, dict | list):
            below += places(value, (*way, step))
    return below


PLACES = places(GOOD)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), odd_things), min_size=1, max_size=4))
def test_odd_values_anywhere_are_answered_in_words(oddities: list[tuple[tuple[Any, ...], Any]]):
    document = copy.deepcopy(GOOD)
    for way, value in oddities:
        with suppress(LookupError, TypeError):  # an earlier oddity cut this way off
            node: Any = document
            for step in way[:-1]:
                node = node[step]
            node[way[-1]] = value
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.json"), Path(folder, "out.json")
        path.write_text(json.dumps(document))
        reading = open_coco(path, images_dir=Path(folder))
        assert (reading.dataset is None) == bool(reading.report.errors)
        for finding in reading.report.findings:
            assert not {unicodedata.category(letter) for letter in finding.message} & {"Cc", "Cs"}
        if reading.dataset is not None:
            write_coco(reading.dataset, out)
            assert out.read_bytes() == path.read_bytes()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:1e-. \n', max_size=30).map(str.encode))
def test_bytes_that_are_no_coco_file_are_refused(source: bytes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.json")
        path.write_bytes(source)
        with suppress(UserError):
            assert open_coco(path).dataset is None
