import doctest
from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.data.prediction import Prediction
from core.data.skeleton import COCO17
from core.inference import pose_scores as module
from core.inference.pose_scores import (
    POSE_SCORES,
    above_limit,
    conventional,
    expected_oks,
    oaks,
    oaks_hard,
    oracle,
    pose_scores,
)
from core.models.similarity import keypoint_similarity, object_similarity

NAN = float("nan")
Score = Callable[..., module.Scores]


def a_prediction(**arrays: np.ndarray) -> Prediction:
    return Prediction(
        image_id=1,
        annotation_id=None,
        index=0,
        box_xywh_px=np.array([0, 0, 10, 10], dtype=np.float32),
        xy_image_px=np.zeros((3, 2), dtype=np.float32),
        **arrays,
    )


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_conventional_score_is_the_mean_of_all_peaks() -> None:
    peaks = np.array([[0.9, 0.3, 0.0], [0.1, 0.1, 0.1]])
    np.testing.assert_allclose(conventional(peaks), [0.4, 0.1])


def test_rescoring_leaves_low_peaks_out_and_ends_at_0_without_any() -> None:
    peaks = np.array([[0.9, 0.3, 0.2], [0.1, 0.1, 0.1]])
    np.testing.assert_allclose(above_limit(peaks), [0.6, 0.0])
    np.testing.assert_allclose(above_limit(peaks, limit=0.05), [1.4 / 3, 0.1])


def test_oaks_by_hand() -> None:
    similarity, presence = np.array([0.8, 0.4, 0.6]), np.array([0.9, 0.1, 0.6])
    assert oaks(similarity, presence) == pytest.approx((0.72 + 0.04 + 0.36) / 1.6)
    assert oaks_hard(similarity, presence) == pytest.approx((0.8 + 0.6) / 2)
    assert expected_oks(similarity, presence) == pytest.approx((0.72 + 0.04 + 0.36) / 1.6)


@pytest.mark.parametrize("score", [oaks, oaks_hard, expected_oks])
def test_a_pose_without_any_keypoint_there_is_the_worst(score: Score) -> None:
    assert score(np.ones(3), np.zeros(3)) == 0.0


def test_a_hidden_pose_is_not_held_against_it() -> None:
    peaks = np.array([[0.9, 0.9, 0.1, 0.1], [0.6, 0.6, 0.6, 0.6]])
    presence = np.array([[1.0, 1.0, 0.02, 0.02], [1.0, 1.0, 1.0, 1.0]])
    assert conventional(peaks)[0] < conventional(peaks)[1]
    assert oaks(peaks, presence)[0] > oaks(peaks, presence)[1]


@pytest.mark.parametrize("score", [oaks, oaks_hard, expected_oks])
def test_keypoints_the_model_does_not_know_have_no_say(score: Score) -> None:
    found = score(np.array([0.8, NAN, 0.3]), np.array([0.9, 0.9, NAN]))
    assert found == pytest.approx(0.8)


def test_unknown_peaks_have_no_say() -> None:
    peaks = np.array([[0.8, NAN, 0.6], [NAN, NAN, NAN]])
    np.testing.assert_allclose(conventional(peaks), [0.7, 0.0])
    np.testing.assert_allclose(above_limit(peaks), [0.7, 0.0])


@pytest.mark.parametrize("name", list(POSE_SCORES))
def test_the_order_of_keypoints_does_not_matter_and_scores_stay_from_0_to_1(name: str) -> None:
    rng = np.random.default_rng(4)
    score = POSE_SCORES[name]
    arrays = rng.random((len(score.needs), 50, 17))
    order = rng.permutation(17)
    found = score.of(*arrays)
    assert found.shape == (50,)
    np.testing.assert_allclose(score.of(*arrays[..., order]), found)
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("name", list(POSE_SCORES))
def test_surer_keypoints_never_make_a_score_worse(name: str) -> None:
    rng = np.random.default_rng(5)
    score = POSE_SCORES[name]
    first, *others = rng.uniform(0.21, 0.9, (len(score.needs), 50, 17))
    assert (score.of(first + 0.1, *others) >= score.of(first, *others)).all()


def test_the_oracle_is_oks() -> None:
    rng = np.random.default_rng(6)
    true = rng.uniform(0, 200, (8, 17, 2))
    xy = true + rng.normal(size=true.shape) * 5
    flags = rng.integers(0, 3, (8, 17))
    area = rng.uniform(1e3, 1e4, 8)
    ks = keypoint_similarity(*map(torch.from_numpy, (xy, true, area, COCO17.sigmas)))
    wanted = object_similarity(ks, torch.from_numpy(flags > 0)).numpy()
    np.testing.assert_allclose(oracle(xy, true, flags, area, COCO17.sigmas), wanted, rtol=1e-5)


def test_the_oracle_knows_nothing_of_a_person_without_labels() -> None:
    places, flags = np.zeros((2, 1, 2)), np.array([[0], [1]])
    found = oracle(places, places, flags, np.full(2, 100.0), np.array([0.1]))
    np.testing.assert_array_equal(found, [NAN, 1.0])


def test_a_labelled_keypoint_that_is_not_predicted_counts_as_missed() -> None:
    xy = np.array([[0.0, 0.0], [NAN, NAN]])
    found = oracle(xy, np.zeros((2, 2)), np.array([2, 1]), np.array(100.0), np.array([0.1, 0.1]))
    assert found == 0.5


def test_a_prediction_has_the_scores_its_arrays_allow() -> None:
    heat = np.array([0.9, 0.8, 0.1], dtype=np.float32)
    rated = {
        "keypoint_similarity": np.array([0.8, 0.4, 0.6], dtype=np.float32),
        "presence": np.array([0.9, 0.1, 0.6], dtype=np.float32),
    }
    assert pose_scores(a_prediction()) == {}
    assert pose_scores(a_prediction(heat_score=heat)) == pytest.approx(
        {"conventional": 0.6, "above_limit": 0.85}
    )
    assert pose_scores(a_prediction(**rated)) == pytest.approx(
        {"oaks": 0.7, "oaks_hard": 0.7, "expected_oks": 0.7}
    )
    assert set(pose_scores(a_prediction(heat_score=heat, **rated))) == set(POSE_SCORES)


def test_the_height_from_which_a_peak_counts_is_the_models_own() -> None:
    heat = np.array([0.9, 0.8, 0.1], dtype=np.float32)
    found = pose_scores(a_prediction(heat_score=heat), heat_limit=0.05)
    assert found == pytest.approx({"conventional": 0.6, "above_limit": 0.6})


def test_a_detected_box_has_its_own_share() -> None:
    heat = np.array([0.9, 0.8, 0.1], dtype=np.float32)
    found = pose_scores(a_prediction(heat_score=heat), box_score=0.5)
    assert found == pytest.approx({"conventional": 0.3, "above_limit": 0.425})
