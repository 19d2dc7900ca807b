"""Detectors as lists show them."""

import json
from pathlib import Path

import pytest

from core.errors import UserError
from core.models.detector_cards import (
    KNOWN_DETECTORS,
    find_detector,
    list_detectors,
    read_detector_card,
)
from core.models.detector_config import KINDS
from tests.core.inference.small_detectors import a_detector


def test_a_folder_says_what_it_is_and_where_it_is_from(tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "mine")
    said = {"source": "a/b on the Hub", "licence": "MIT", "sha256": "ab" * 32, "odd": 3}
    (folder / "source.json").write_text(json.dumps(said))

    card = read_detector_card(folder)

    assert (card.name, card.what) == ("mine", "Finds people: RT-DETR (Zhao et al. 2024).")
    assert (card.source, card.licence, card.sha256) == ("a/b on the Hub", "MIT", "ab" * 32)
    assert (card.size_wh_px, card.num_parameters, card.present) == ((640, 640), 289_288, True)


def test_folders_are_listed_by_name_also_broken_ones(tmp_path: Path) -> None:
    a_detector(tmp_path / "b")
    a_detector(tmp_path / "a").joinpath("model.safetensors").unlink()
    (tmp_path / "no detector").mkdir()

    broken, whole = list_detectors([tmp_path, tmp_path / "nowhere"])

    assert (broken.name, broken.present) == ("a", False)
    assert broken.problem == f"{tmp_path / 'a'}: model.safetensors is missing."
    assert (whole.name, whole.present, whole.problem) == ("b", True, "")


def test_a_detector_is_found_by_name_or_folder(tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "all" / "mine")
    assert find_detector("mine", [tmp_path / "all"]) == folder
    assert find_detector(str(folder), []) == folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "rtdetr_r50",
            "The weights of the detector rtdetr_r50 are not here. "
            "`add-model PekingU/rtdetr_r50vd_coco_o365` gets them (172 MB).",
        ),
        (
            "x",
            "There is no detector called 'x'. Here: none. `add-model` gets more, e.g. "
            "dfine_nano, dfine_small, dfine_xlarge, rtdetr_r18, rtdetr_r50, rtdetr_v2_r50; "
            "`models` lists them.",
        ),
        ("", "There is no detector called ''."),
    ],
)
def test_one_that_is_not_here_is_refused_with_the_way_to_it(
    tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(UserError) as refused:
        find_detector(name, [tmp_path])
    assert words in str(refused.value)


def test_every_known_detector_is_of_a_known_kind() -> None:
    assert {each.kind for each in KNOWN_DETECTORS.values()} <= set(KINDS)
    assert len({each.hub for each in KNOWN_DETECTORS.values()}) == len(KNOWN_DETECTORS)
