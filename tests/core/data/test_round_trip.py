"""Whatever a file looks like, an export differs from it in the edited numbers and nothing else."""

import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.coco_json import label_changes, read_coco, write_coco
from core.data.coco_patch import patch_coco, verify_patch
from core.data.dataset import PoseDataset
from tests.core.data.coco_files import MadeFile, made_files

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip


@thorough
@given(made_files())
def test_a_file_without_edits_comes_back_byte_for_byte(made: MadeFile):
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.json"), Path(folder, "out.json")
        path.write_bytes(made.source)
        write_coco(read_coco(path), out)
        assert out.read_bytes() == made.source


@thorough
@given(made_files(), st.data())
def test_edits_change_exactly_their_numbers(made: MadeFile, data: st.DataObject):
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.json"), Path(folder, "out.json")
        path.write_bytes(made.source)
        dataset = read_coco(path)
        edited = _edited(dataset, data.draw)
        write_coco(edited, out)
        patched = out.read_bytes()
        changes = label_changes(dataset, edited)
    counts = dataset.counts_labelled
    assert patched == patch_coco(made.source, changes, counts_labelled=counts)
    verify_patch(made.source, patched, changes, counts_labelled=counts)
    given_numbers = {piece.role: piece.text for piece in made.pieces if piece.role}
    found_numbers = _numbers_where_they_were(made, patched)
    assert {
        role: text for role, text in found_numbers.items() if text != given_numbers[role]
    } == _expected(dataset, edited, given_numbers, found_numbers)
    # and a reader sees them: of doubled keys the last
    annotations = {a["id"]: a for a in json.loads(patched.decode("utf-8-sig"))["annotations"]}
    for (annotation_id, key, place), text in found_numbers.items():
        value = annotations[annotation_id][key]
        assert (value[place] if key == "keypoints" else value) == json.loads(text)


def _edited(dataset: PoseDataset, draw: st.DrawFn) -> PoseDataset:
    """A few keypoints with another flag, another place or both."""
    annotations = dataset.annotations
    xy, visibility = annotations.xy_image_px.copy(), annotations.visibility.copy()
    places = [(n, k) for n, size in enumerate(annotations.size) for k in range(size)]
    for n, k in draw(st.lists(st.sampled_from(places), max_size=5)) if places else []:
        visibility[n, k] = draw(st.integers(0, 2))
        if draw(st.booleans()):
            xy[n, k] = draw(st.tuples(*2 * [st.floats(-50, 5000).map(lambda x: round(x, 3))]))
    changed = replace(annotations, xy_image_px=xy, visibility=visibility)
    return replace(dataset, annotations=changed)


def _numbers_where_they_were(made: MadeFile, patched: bytes) -> dict:
    """The patched file's text of every number that has a role; all else must be as it was."""
    assert patched.startswith(made.bom)
    text = patched[len(made.bom) :].decode()
    at = 0
    found = {}
    for piece in made.pieces:
        if piece.role is None:
            assert text.startswith(piece.text, at)
            at += len(piece.text)
            continue
        number = _NUMBER.match(text, at)
        found[piece.role] = number[0] if number else piece.text
        at += len(found[piece.role])
    assert at == len(text)
    return found


def _expected(dataset: PoseDataset, edited: PoseDataset, given: dict, found: dict) -> dict:
    """What should differ; where a place moved, the found text if it is a fair rounding."""
    expected = {}
    before, after = dataset.annotations, edited.annotations
    touched = set()
    moved = (before.xy_image_px != after.xy_image_px).any(axis=2)
    for n, k in np.argwhere(moved | (before.visibility != after.visibility)):
        annotation_id = int(before.id[n])
        touched.add(n)
        flag = int(after.visibility[n, k])
        wanted = [*after.xy_image_px[n, k].tolist(), flag] if flag else [0.0, 0.0, 0]
        for place, new in zip(range(3 * k, 3 * k + 3), wanted, strict=True):
            role = (annotation_id, "keypoints", int(place))
            text = _as_written(given[role], found[role], new, exact=place % 3 == 2 or new == 0)
            if text != given[role]:
                expected[role] = text
    for n in touched if dataset.counts_labelled else []:
        role = (int(before.id[n]), "num_keypoints", 0)
        labelled = int((after.visibility[n] > 0).sum())
        if _NUMBER.fullmatch(given.get(role, "")) and float(given[role]) != labelled:
            expected[role] = f"{labelled}.0" if "." in given[role] else f"{labelled}"
    return expected


def _as_written(given: str, found: str, new: float, *, exact: bool) -> str:
    if float(given) == new:
        return given
    mantissa, _, _ = given.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    if "e" in given.lower():
        decimals = max(decimals, 1)
    if exact:
        return f"{new + 0.0:.{decimals}f}"  # 0.0 for -0.0, too
    shown = len(found.partition(".")[2])
    if "e" in found.lower() or (decimals and not shown) or (shown > 2 and found != given):
        return f"{new} in another style than {given}"
    fair = abs(float(found) - new) <= 0.5 * 10 ** -min(decimals, 2) + 1e-9
    return found if fair else f"{new}, which {found} is not"
