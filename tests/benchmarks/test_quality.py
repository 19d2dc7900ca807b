import sys

import numpy as np
import pytest

from benchmarks import quality
from core.data.coco_json import read_coco
from core.inference.predictor import load_predictor
from core.metrics.pck import crop_side_px, found_keypoints
from core.training.sources import held_out


def test_without_the_data_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(quality, "DATA", tmp_path / "none")
    monkeypatch.setattr(sys, "argv", ["quality"])
    quality.main()
    assert capsys.readouterr().out == f"{tmp_path / 'none'} is not here: nothing was measured.\n"


@pytest.mark.shared_data
def test_the_shipped_model_finds_people_it_has_never_seen(shared_data):
    dataset = read_coco(shared_data / "lspet/lspet.json")
    rows = [n for n, i in enumerate(dataset.annotations.image_id.tolist()) if held_out(i)][:60]
    predictor = load_predictor("metamodel_tiny", device="cpu")
    found = quality.measure(predictor, dataset, shared_data / "lspet/images", rows)
    right, counted = found_keypoints(
        np.stack([p.xy_image_px for p in found.predictions]),
        found.label_xy_px,
        found.visibility,
        crop_side_px(found.box_xywh_px, (160, 192)),
    )
    assert right.sum() / counted.sum() > 0.5


def test_the_margin_is_to_the_best_guess_of_each_flag():
    right = np.diag([10.0, 10, 10])
    nothing = np.array([[0.0, 0, 10], [0, 0, 10], [0, 0, 10]])  # always visible
    half = np.array([[5.0, 0, 5], [0, 0, 10], [5, 0, 5]])
    margin = quality.margin_over_best(np.stack([right, nothing, half]))
    # F1 of `nothing`: 0, 0, 20/40; of `half`: 10/20, 0, 10/30.
    assert margin.tolist() == pytest.approx([0.5, 1.0, 0.5])


def test_counts_of_one_photo_are_summed():
    counts = np.arange(6.0).reshape(3, 2)
    assert quality.by_photo(counts, np.array([7, 3, 7])).tolist() == [[2, 3], [4, 6]]
