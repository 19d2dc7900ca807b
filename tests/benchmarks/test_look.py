import sys

import cv2
import numpy as np
import pytest

from benchmarks import look
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton


def test_without_the_data_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(look, "DATA", tmp_path / "none")
    monkeypatch.setattr(sys, "argv", ["look"])
    look.main()
    assert capsys.readouterr().out == f"{tmp_path / 'none'} is not here: nothing was drawn.\n"


def test_each_flag_has_its_shape_and_colour():
    tile = np.zeros((60, 120, 3), np.uint8)
    xy = np.array([[20.0, 30], [60, 30], [100, 30]])
    said = Prediction(0, None, 0, np.zeros(4), xy, vis3=np.eye(3)[[2, 1, 0]])
    look.draw_prediction(tile, xy, said, Skeleton(("a", "b", "c")))
    assert tile[30, 20].tolist() == tile[30, 23].tolist() == list(look.GREEN)  # a full disc
    assert tile[30, 60].tolist() == list(look.ORANGE)  # a dot
    assert tile[30, 63].tolist() != list(look.ORANGE)  # and a gap
    assert tile[30, 66].tolist() == list(look.ORANGE)  # and a ring
    assert tile[30, 100].tolist() == list(look.GREY)
    assert tile[30, 105].tolist() == [0, 0, 0]  # a cross, nothing beside its arms


@pytest.mark.shared_data
def test_sheets_of_eight_are_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["look", "--count", "9", "--out", str(tmp_path)])
    look.main()
    files = [tmp_path / f"metamodel_tiny-{number}.png" for number in (1, 2)]
    assert capsys.readouterr().out == "".join(f"{file}\n" for file in files)
    assert {cv2.imread(str(file)).shape for file in files} == {(812, 1280, 3)}
