"""Values of a JSON text come with their places; what is no JSON is said with the place, too."""

import json

import pytest

from core.data.json_spans import JsonCursor, byte_offsets, decode_json
from core.errors import UserError


def read(source: bytes) -> None:
    text, bom = decode_json(source, where="a.json")
    cursor = JsonCursor(text, where="a.json", bom=bom)
    for key in cursor.members():
        if key == "list":
            list(cursor.elements(2))
        else:
            cursor.value()
    cursor.finish()


def refusal(source: bytes) -> str:
    with pytest.raises(UserError) as refused:
        read(source)
    return str(refused.value)


CUT = "The file seems to be cut off; get it again."
SAVE = "text; JSON is read as UTF-8. Save it as UTF-8."
FIX = "Correct the file there or write it anew."


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b'{"a": 1', f"line 1, column 8 (byte 7): Expecting ',' delimiter. {CUT}"),
        (b'{"a": [1, 2', f"line 1, column 12 (byte 11): Expecting ',' delimiter. {CUT}"),
        (b'{"list": [{"b": 1}, ', f"line 1, column 21 (byte 20): Expecting value. {CUT}"),
        (b'{"list": [1', f"line 1, column 12 (byte 11): Expecting ',' delimiter. {CUT}"),
        (b'{"list": [1 2]}', f"line 1, column 13 (byte 12): Expecting ',' delimiter. {FIX}"),
        (b'{"list": [1, ]}', f"line 1, column 14 (byte 13): Expecting value. {FIX}"),
        (b'{"list": 7}', f"line 1, column 10 (byte 9): Expecting a list. {FIX}"),
        (b'{"a": "no end', f"line 1, column 7 (byte 6): Unterminated string. {CUT}"),
        (b'{"a": 1}\n\n {}', f"line 3, column 2 (byte 11): More stands behind the end. {FIX}"),
        (b'{"a" 1}', f"line 1, column 6 (byte 5): Expecting ':' delimiter. {FIX}"),
        (b'{"a": 1 "b": 2}', f"line 1, column 9 (byte 8): Expecting ',' delimiter. {FIX}"),
        (b"{a: 1}", "line 1, column 2 (byte 1): "
         f"Expecting property name enclosed in double quotes. {FIX}"),
        (b'{"a": 1,}', "line 1, column 9 (byte 8): "
         f"Expecting property name enclosed in double quotes. {FIX}"),
        (b"7", f"line 1, column 1 (byte 0): Expecting an object. {FIX}"),
        (b'{"a": "a\tb"}', f"line 1, column 9 (byte 8): Invalid control character at. {FIX}"),
        (b'{"a": "\\x"}', f"line 1, column 8 (byte 7): Invalid \\escape. {FIX}"),
        ('\ufeff{"é": "é",\r\n "b": nope}'.encode(),
         f"line 2, column 7 (byte 23): Expecting value. {FIX}"),
        (b'{"a": ' + b"9" * 5000 + b"}", "line 1, column 7 (byte 6): "
         f"A number with more than 4,300 digits. {FIX}"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "line 1, column 7 (byte 6): "
         f"Lists or objects nested too deeply in the value that starts here. {FIX}"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_said_with_its_place(source: bytes, message: str):
    assert refusal(source) == f"a.json: The JSON breaks at {message}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "The file is empty. Choose a COCO keypoint file."),
        (b" \n\t", "The file is empty. Choose a COCO keypoint file."),
        (b"\xef\xbb\xbf", "The file is empty. Choose a COCO keypoint file."),
        ("{}".encode("utf-16"), f"The file is UTF-16 {SAVE}"),
        ("{}".encode("utf-16-be"), f"The file is UTF-16 {SAVE}"),
        ("{}".encode("utf-32"), f"The file is UTF-32 {SAVE}"),
        (b'{"a":\n "\xe9"}', "The file is not UTF-8 text: line 2 (byte 8) holds the byte 0xe9. "
         "Save it as UTF-8."),
        (b'\xef\xbb\xbf{"\xff"', "The file is not UTF-8 text: line 1 (byte 5) holds the byte 0xff. "
         "Save it as UTF-8."),
    ],
)  # fmt: skip
def test_text_in_another_encoding_is_refused(source: bytes, message: str):
    assert refusal(source) == f"a.json: {message}"


def test_elements_come_in_batches_with_their_places():
    text = ' [ {"a": [1]},\r\n"é" , 3.50 ]'
    cursor = JsonCursor(text)
    batches = list(cursor.elements(2))
    assert [batch[0] for batch in batches] == [[{"a": [1]}, "é"], [3.5]]
    places = [place for _, starts, ends in batches for place in zip(starts, ends, strict=True)]
    assert [text[start:end] for start, end in places] == ['{"a": [1]}', '"é"', "3.50"]
    assert cursor.at == len(text)


@pytest.mark.parametrize("text", ["[]", "[ ]", "[\n\n]"])
def test_an_empty_list_has_no_batches(text: str):
    cursor = JsonCursor(text)
    assert list(cursor.elements(5)) == []
    cursor.finish()


def test_members_come_in_order_doubled_and_escaped_ones_too():
    text = '{ "b" : 1, "keyp\\u006fints":[2],"b":{"b": 3} }'
    cursor = JsonCursor(text)
    assert [(key, cursor.value()) for key in cursor.members()] == [
        ("b", 1), ("keypoints", [2]), ("b", {"b": 3})
    ]  # fmt: skip
    cursor.finish()


def test_an_empty_object_has_no_members():
    cursor = JsonCursor(" { } ")
    assert list(cursor.members()) == []
    cursor.finish()


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("word", ["plain", "né", "日本語", "😀"])
def test_byte_offsets_cut_the_same_values_out_of_the_bytes(bom: str, line: str, word: str):
    values = [{"a": word}, [word, 1], word, 2.5]
    source = (bom + json.dumps(values, ensure_ascii=False).replace(", ", f",{line}")).encode()
    text, bom_length = decode_json(source, where="")
    places = []
    for _, starts, ends in JsonCursor(text).elements(3):
        places += [at for place in zip(starts, ends, strict=True) for at in place]
    offsets = byte_offsets(text, places, bom=bom_length).reshape(-1, 2)
    assert [json.loads(source[start:end]) for start, end in offsets] == values
