import doctest
import math

import numpy as np
import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from core.data.skeleton import COCO17
from core.models import similarity
from core.models.similarity import (
    expected_similarity,
    keypoint_similarity,
    labelled_similarity,
    object_similarity,
    two_hot,
)


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(similarity).failed == 0


def test_the_falloff_is_two_sigma_squared_and_the_area() -> None:
    xy = torch.tensor([[[10.0, 20.0], [13.0, 24.0]], [[0.0, 0.0], [0.0, 6.0]]])
    true = torch.tensor([[[10.0, 20.0], [10.0, 20.0]], [[0.0, 0.0], [0.0, 0.0]]])
    found = keypoint_similarity(xy, true, torch.tensor([100.0, 400.0]), torch.tensor([0.1, 0.25]))
    # d^2 = 25 with s^2 = 100, k = 0.5; d^2 = 36 with s^2 = 400, k = 0.5.
    wanted = [[1.0, math.exp(-25 / (2 * 100 * 0.25))], [1.0, math.exp(-36 / (2 * 400 * 0.25))]]
    assert found.tolist() == [pytest.approx(row) for row in wanted]


def test_scale_cancels() -> None:
    xy, true = torch.rand(3, 17, 2) * 20, torch.rand(3, 17, 2) * 20
    sigmas, area = torch.from_numpy(COCO17.sigmas), torch.rand(3) * 900 + 100
    once = keypoint_similarity(xy, true, area, sigmas)
    scaled = keypoint_similarity(xy * 3.7, true * 3.7, area * 3.7**2, sigmas)
    torch.testing.assert_close(once, scaled)
    assert once.min() >= 0
    assert once.max() <= 1


def test_an_annotation_without_area_gives_numbers() -> None:
    places = torch.zeros(1, 2, 2)
    places[0, 1] = 5
    found = keypoint_similarity(places, torch.zeros(1, 2, 2), torch.zeros(1), torch.ones(2))
    assert found.tolist() == [[1.0, 0.0]]


def test_unlabelled_keypoints_have_no_opks_even_where_their_place_is_not_a_number() -> None:
    ks = torch.tensor([[0.9, float("nan"), 0.4]])
    labelled = torch.tensor([[True, False, False]])
    torch.testing.assert_close(labelled_similarity(ks, labelled), torch.tensor([[0.9, 0.0, 0.0]]))


def test_a_person_without_labelled_keypoints_has_no_oks() -> None:
    ks = torch.tensor([[0.9, 0.5], [0.9, 0.5]])
    found = object_similarity(ks, torch.tensor([[True, True], [False, False]]))
    assert found[0].item() == pytest.approx(0.7)
    assert found[1].isnan()


def test_oks_is_that_of_pycocotools(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    true = rng.uniform(50, 200, size=(17, 2)).round(2)
    xy = true + rng.normal(size=(17, 2)) * 6
    flags = rng.choice([0, 1, 2], size=17)
    assert 0 < (flags > 0).sum() < 17
    area = 9123.5
    theirs = oks_of_pycocotools(xy, true, flags, area)
    ks = keypoint_similarity(
        torch.from_numpy(xy)[None],
        torch.from_numpy(true)[None],
        torch.tensor([area]),
        torch.from_numpy(COCO17.sigmas),
    )
    ours = object_similarity(ks, torch.from_numpy(flags > 0)[None])
    assert float(ours) == pytest.approx(theirs, abs=1e-6)


def oks_of_pycocotools(xy: np.ndarray, true: np.ndarray, flags: np.ndarray, area: float) -> float:
    labelled = np.concatenate([true, flags[:, None]], axis=1).ravel().tolist()
    truth, found = COCO(), COCO()
    truth.dataset = {
        "images": [{"id": 1, "width": 300, "height": 300}],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [
            {
                "id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": area,
                "bbox": [40, 40, 170, 170], "keypoints": labelled,
                "num_keypoints": int((flags > 0).sum()),
            }
        ],
    }  # fmt: skip
    truth.createIndex()
    said = np.concatenate([xy, np.ones((17, 1))], axis=1).ravel().tolist()
    found.dataset = {
        **truth.dataset,
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "score": 1.0, "area": 1.0, "keypoints": said}
        ],
    }
    found.createIndex()
    evaluation = COCOeval(truth, found, "keypoints")
    evaluation.evaluate()
    return float(evaluation.ious[1, 1][0, 0])


def test_one_number_is_read_by_a_sigmoid() -> None:
    logits = torch.tensor([[[0.0], [2.0], [-50.0]]])
    found = expected_similarity(logits)
    wanted = [[0.5, 1 / (1 + math.exp(-2)), 0.0]]
    assert found.tolist() == [pytest.approx(row) for row in wanted]


@pytest.mark.parametrize("bins", [2, 11, 21])
def test_a_distribution_over_the_bins_of_a_target_gives_the_target_back(bins: int) -> None:
    wanted = torch.rand(4, 17, generator=torch.Generator().manual_seed(1))
    wanted[0, :3] = torch.tensor([0.0, 1.0, 0.5])
    target = two_hot(wanted, bins)
    assert target.shape == (4, 17, bins)
    torch.testing.assert_close(target.sum(-1), torch.ones(4, 17))
    assert ((target > 0).sum(-1) <= 2).all()
    torch.testing.assert_close(expected_similarity(target.log()), wanted, atol=1e-6, rtol=0)


def test_what_a_distribution_expects_stays_from_0_to_1() -> None:
    found = expected_similarity(torch.randn(5, 17, 21) * 30)
    assert_share(found)


def assert_share(found: Tensor) -> None:
    assert found.min() >= 0
    assert found.max() <= 1
