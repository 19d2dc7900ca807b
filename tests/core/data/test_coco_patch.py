"""A patch writes the numbers asked for; a source that is another one is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.coco_json import read_coco
from core.data.coco_patch import (
    CountChange,
    LabelChange,
    PatchDifference,
    PatchError,
    patch_coco,
    verify_patch,
)
from core.data.review import Label
from core.data.visibility import Visibility
from core.errors import UserError
from tests.core.data.coco_files import a_file, an_annotation, written

SOURCE = (
    '{"images":[],"note":"keypoints \u00e9","annotations":[ {"keypoints":[1.5,2.50,2.0, 7,8,1e0],'
    ' "attributes":{"keypoints":[9,9,2]},"id":4,"num_keypoints":2} , {"id":5,"keypoints":[3,3,2],'
    '"keyp\\u006fints":[3,3,2.00, 0,0,0],"num_keypoints":9.0}]}'
).encode()


def label(x: float, y: float, v: int) -> Label:
    return Label(x, y, Visibility(v))


def change(
    annotation_id: int, keypoint: int, before: Label, after: Label, *, source: bytes = SOURCE
) -> LabelChange:
    """A change of an annotation that is found by its id (flat objects after the id only)."""
    text = source.decode()
    cursor = text.index('"annotations"')
    cursor = text.index("[", cursor) + 1
    decoder = json.JSONDecoder()
    while True:
        start = text.index("{", cursor)
        found, cursor = decoder.raw_decode(text, start)
        if found["id"] == annotation_id:
            span = (len(text[:start].encode()), len(text[:cursor].encode()))
            return LabelChange(annotation_id, span, keypoint, before, after)


def patched(*changes: LabelChange, counts_labelled: bool = True) -> str:
    result = patch_coco(SOURCE, changes, counts_labelled=counts_labelled)
    verify_patch(SOURCE, result, changes, counts_labelled=counts_labelled)
    return result.decode()


def test_without_changes_the_source_comes_back():
    assert patched() == SOURCE.decode()


def test_a_flag_is_written_in_its_own_style_and_the_person_counted_anew():
    assert patched(change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 1))) == (
        SOURCE.decode().replace("2.50,2.0,", "2.50,1.0,")
    )
    assert patched(change(5, 0, label(3, 3, 2), label(3, 3, 1))) == (
        SOURCE.decode().replace("3,3,2.00,", "3,3,1.00,").replace("9.0}", "1.0}")
    )


def test_an_unlabelled_keypoint_loses_its_place_in_the_style_of_the_numbers():
    assert patched(change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 0))) == (
        SOURCE.decode().replace("1.5,2.50,2.0", "0.0,0.00,0.0").replace('nts":2}', 'nts":1}')
    )


def test_a_new_place_is_as_fine_as_the_other_places_of_the_person():
    assert patched(change(4, 1, label(7, 8, 1), label(33.333, 8, 2))) == (
        SOURCE.decode().replace(" 7,8,1e0", " 33.33,8,2.0")
    )
    assert patched(change(5, 1, label(0, 0, 0), label(33.333, 8.6, 2))) == (
        SOURCE.decode().replace("0,0,0]", "33,9,2]").replace("9.0}", "2.0}")
    )


def test_a_person_without_places_takes_the_decimals_of_the_file(tmp_path: Path):
    people = [an_annotation(1, v=(0, 0, 0)), an_annotation(2, keypoints=[1.5, 2, 2] * 3)]
    path = written(tmp_path, a_file(*people))
    spans = read_coco(path).annotations.span_bytes.tolist()
    wanted = LabelChange(1, tuple(spans[0]), 2, label(0, 0, 0), label(7.77, 8.0, 1))
    result = patch_coco(path.read_bytes(), [wanted], counts_labelled=True)
    assert json.loads(result)["annotations"][0]["keypoints"] == [0, 0, 0, 0, 0, 0, 7.8, 8, 1]


def test_a_move_finer_than_the_files_decimals_changes_nothing():
    moved = change(4, 0, label(1.5, 2.5, 2), label(1.5004, 2.5, 2))
    assert patched(moved) == SOURCE.decode()


@pytest.mark.parametrize("spelled", [b"15e-1", b"1.500"])
def test_a_number_that_would_keep_its_value_keeps_its_spelling(spelled: bytes):
    source = SOURCE.replace(b"[1.5,", b"[" + spelled + b",")
    asked = [change(4, 0, label(1.5, 2.5, 2), label(1.5004, 2.5, 2), source=source)]
    result = patch_coco(source, asked, counts_labelled=True)
    verify_patch(source, result, asked, counts_labelled=True)
    assert result == source


def test_a_count_that_stays_keeps_its_spelling():
    source = SOURCE.replace(b'"num_keypoints":2', b'"num_keypoints":2e0')
    flag = change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 1), source=source)
    result = patch_coco(source, [flag], counts_labelled=True)
    assert result == source.replace(b"2.50,2.0", b"2.50,1.0")


def test_of_two_lists_of_annotations_the_last_is_patched_and_verified():
    one_list = '"annotations":[{"id":4,"keypoints":[1.5,2.50,2.0]}],'
    source = SOURCE.replace(b'"images"', one_list.encode() + b'"images"')
    shift = len(one_list)
    start, end = GOOD.span_bytes
    asked = [replace(GOOD, span_bytes=(start + shift, end + shift))]
    result = patch_coco(source, asked, counts_labelled=True)
    verify_patch(source, result, asked, counts_labelled=True)
    assert result.decode() == "{" + one_list + patched(GOOD)[1:]


def test_a_label_that_stays_as_it_is_is_not_zeroed():
    source = SOURCE.replace(b"7,8,1e0", b"7,8,0")
    stays = label(7, 8, 0)
    asked = [change(4, 1, stays, stays, source=source)]
    result = patch_coco(source, asked, counts_labelled=False)
    verify_patch(source, result, asked, counts_labelled=False)
    assert result == source


def test_other_conventions_keep_num_keypoints():
    flag = change(5, 0, label(3, 3, 2), label(3, 3, 1))
    assert patched(flag, counts_labelled=False) == SOURCE.decode().replace("2.00,", "1.00,")


@pytest.mark.parametrize("count", [b'"2"', b"null", b"-1", b"2.5", b"[2]", b'{"2": 2}'])
def test_a_num_keypoints_that_counts_nothing_is_kept(count: bytes):
    source = SOURCE.replace(b'"num_keypoints":2', b'"num_keypoints":' + count)
    flag = change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 0), source=source)
    result = patch_coco(source, [flag], counts_labelled=True)
    verify_patch(source, result, [flag], counts_labelled=True)
    assert result == source.replace(b"1.5,2.50,2.0", b"0.0,0.00,0.0")


def test_num_keypoints_is_never_inserted():
    source = SOURCE.replace(b',"num_keypoints":2', b"")
    flag = change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 0), source=source)
    result = patch_coco(source, [flag], counts_labelled=True)
    verify_patch(source, result, [flag], counts_labelled=True)
    assert result == source.replace(b"1.5,2.50,2.0", b"0.0,0.00,0.0")


def test_changes_may_come_in_any_order():
    changes = [
        change(5, 0, label(3, 3, 2), label(3, 3, 1)),
        change(4, 1, label(7, 8, 1), label(7, 8, 2)),
        change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 1)),
    ]
    assert patched(*changes) == patched(*changes[::-1])


GOOD = change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 1))


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (SOURCE.replace(b"1.5,2.50", b"1.7,2.50"), GOOD),  # another label
        (SOURCE.replace(b'"id":4', b'"id":6'), GOOD),
        (b" " + SOURCE, GOOD),  # shifted
        (SOURCE[:60], GOOD),  # cut off
        (SOURCE.replace(b'[9,9,2]', b'"\xff234"'), GOOD),  # no text
        (SOURCE, change(4, 2, label(0, 0, 0), label(1, 1, 1))),  # no such keypoint
        (SOURCE.replace(b'"keypoints":[1.5', b'"keypointz":[1.5'), GOOD),
    ],
)  # fmt: skip
def test_a_source_that_changed_since_the_import_is_refused(source: bytes, asked: LabelChange):
    with pytest.raises(UserError) as refused:
        patch_coco(source, [asked], counts_labelled=True)
    assert str(refused.value) == (
        "The source file no longer holds annotation 4 as it was imported. "
        "Restore the file, or import the new one as a newer version."
    )


def test_one_keypoint_is_not_changed_twice_at_once():
    with pytest.raises(AssertionError):
        patch_coco(SOURCE, [GOOD, GOOD], counts_labelled=True)


def test_a_place_that_is_no_number_is_not_written():
    nowhere = change(4, 0, label(1.5, 2.5, 2), label(float("nan"), 2.5, 2))
    with pytest.raises(AssertionError, match="cannot be written"):
        patch_coco(SOURCE, [nowhere], counts_labelled=True)


def tampered(old: str, new: str) -> Callable[[str], str]:
    def tamper(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return tamper


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (tampered('"images"', '"imagez"'), "Something before annotation 4 changed."),
        (tampered("}]}", "} ]}"), "Something after the last changed annotation changed."),
        (tampered('"id":5', '"id":6'), "Something after the last changed annotation changed."),
        (tampered('"id":4', '"id":7'), "Annotation 4 is gone."),
        (tampered("1.0, 7", "1.0,  7"), "Annotation 4 changed outside its numbers."),
        (tampered("2.50,1.0", "2.50,0.0"),
         "Annotation 4: number 3 of its keypoints is 0.0, not 1."),
        (tampered("7,8,", "7.25,8,"), "Annotation 4: number 4 of its keypoints is 7.25, not 7."),
        (tampered("[9,9,2]", "[9,9,1]"), "Annotation 4 changed outside its keypoints."),
        (tampered("[9,9,2]", "[9,9,2.0]"), "Annotation 4 changed outside its keypoints."),
        (tampered('nts":2}', 'nts":1}'), "Annotation 4 has num_keypoints 1 where 2 was due."),
        (tampered("1e0", "1.0"), "Annotation 4 has more changed numbers than asked for."),
        (tampered('"id":5', '"id":5x'), "The patched file is no JSON. The JSON breaks at line 1"),
    ],
)  # fmt: skip
def test_the_second_reading_finds_whatever_else_changed(tamper: Callable[[str], str], message: str):
    result = tamper(patch_coco(SOURCE, [GOOD], counts_labelled=True).decode()).encode()
    with pytest.raises(PatchError) as found:
        verify_patch(SOURCE, result, [GOOD], counts_labelled=True)
    assert str(found.value).startswith(message)


def test_the_second_reading_counts_what_differs():
    # a flag, x and y, and num_keypoints; in the other person a flag, and num_keypoints anew
    asked = [
        change(4, 0, label(1.5, 2.5, 2), label(1.5, 2.5, 0)),
        change(5, 0, label(3, 3, 2), label(3, 3, 1)),
    ]
    result = patch_coco(SOURCE, asked, counts_labelled=True)
    found = verify_patch(SOURCE, result, asked, counts_labelled=True)
    assert found == PatchDifference(
        num_numbers=4 + 2, counts=(CountChange(4, 2, 1), CountChange(5, 9, 1))
    )
    assert verify_patch(SOURCE, SOURCE, [], counts_labelled=True) == PatchDifference(0, ())


def test_the_second_reading_finds_changes_in_a_doubled_key_no_reader_sees():
    asked = [change(5, 0, label(3, 3, 2), label(3, 3, 1))]
    result = patch_coco(SOURCE, asked, counts_labelled=True).replace(b"[3,3,2]", b"[3,3,1]")
    with pytest.raises(PatchError, match="Annotation 5 has more changed numbers than asked for"):
        verify_patch(SOURCE, result, asked, counts_labelled=True)


def test_the_second_reading_looks_only_where_readers_do():
    source = SOURCE[:-1] + b', "annotations": []}'
    with pytest.raises(PatchError, match="Annotation 4 is gone"):
        verify_patch(source, source, [GOOD], counts_labelled=True)


def test_the_second_reading_misses_no_change_that_was_not_made():
    with pytest.raises(PatchError, match=r"number 3 of its keypoints is 2\.0, not 1"):
        verify_patch(SOURCE, SOURCE, [GOOD], counts_labelled=True)
