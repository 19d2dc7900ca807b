import torch

from core.models.hybridpose.boxes import complete_overlaps, overlaps


def boxes(*rows):
    return torch.tensor(rows, dtype=torch.float32)


def test_overlap_is_shared_area_over_either():
    a = boxes((0, 0, 2, 2), (0, 0, 2, 2), (0, 0, 2, 2))
    b = boxes((1, 1, 3, 3), (0, 0, 2, 2), (2, 0, 4, 2))
    assert torch.allclose(overlaps(a, b), torch.tensor([1 / 7, 1.0, 0.0]))


def test_all_against_all_by_broadcasting():
    a = boxes((0, 0, 2, 2), (10, 10, 12, 12))
    assert overlaps(a[:, None], a[None]).tolist() == [[1, 0], [0, 1]]


def test_boxes_without_area_overlap_nothing():
    flat = boxes((1, 1, 1, 3))
    assert overlaps(flat, flat).tolist() == [0]


def test_complete_overlap_of_shifted_squares_by_hand():
    # IoU 1/7; centres (1, 1) and (2, 2) are 2 apart squared; the box round both has diagonal^2 18.
    found = complete_overlaps(boxes((0, 0, 2, 2)), boxes((1, 1, 3, 3)))
    assert torch.allclose(found, torch.tensor([1 / 7 - 2 / 18]))


def test_complete_overlap_of_a_lying_and_a_standing_box_by_hand():
    # IoU 4/12; centres (2, 1), (1, 2); diagonal^2 32; v = 4/pi^2 (atan 2 - atan 1/2)^2 = 0.167826;
    # its weight is v / (1 - 1/3 + v) = 0.201111.
    found = complete_overlaps(boxes((0, 0, 4, 2)), boxes((0, 0, 2, 4)))
    assert torch.allclose(found, torch.tensor([0.333333 - 0.0625 - 0.033752]), atol=2e-6)


def test_complete_overlap_says_how_far_apart_boxes_are_that_do_not_meet():
    near, far = complete_overlaps(
        boxes((0, 0, 1, 1), (0, 0, 1, 1)), boxes((2, 0, 3, 1), (9, 0, 10, 1))
    )
    assert -1 < far < near < 0


def test_complete_overlap_pulls_boxes_together():
    a = boxes((0, 0, 2, 2)).requires_grad_()
    complete_overlaps(a, boxes((5, 0, 7, 2))).sum().backward()
    assert a.grad[0, 0] + a.grad[0, 2] > 0  # to the right


def test_equal_boxes_have_a_finite_gradient():
    a = boxes((0, 0, 2, 2)).requires_grad_()
    complete_overlaps(a, boxes((0, 0, 2, 2))).sum().backward()
    assert torch.isfinite(a.grad).all()
