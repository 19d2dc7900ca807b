import pytest
import torch

from core.training.objectives.self_correlation import FORMS, self_correlation


def maps(*values: float) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float32)


PEAK = maps(1, 0, 0, 0)


@pytest.mark.parametrize("form", FORMS)
def test_maps_that_agree_cost_nothing(form):
    found = self_correlation(PEAK, PEAK, form=form)
    assert found.item() == pytest.approx(0, abs=1e-5)
    larger_and_higher = self_correlation(PEAK, 5 * PEAK + 3, form=form)
    assert larger_and_higher.item() == pytest.approx(0, abs=1e-5)


def test_opposite_maps_cost_nothing_as_written_and_everything_if_only_agreement_counts():
    assert self_correlation(PEAK, 1 - PEAK, form="square").item() == pytest.approx(0, abs=1e-5)
    assert self_correlation(PEAK, 1 - PEAK, form="positive").item() == 1


def test_a_peak_elsewhere_by_hand():
    # About the mean: (3, -1, -1, -1) / 4 and (-1, 3, -1, -1) / 4; products -1/4, squares 3/4 each:
    # r = -1/3.
    found = self_correlation(PEAK, maps(0, 1, 0, 0), form="square")
    assert found.item() == pytest.approx(1 - 1 / 9, abs=1e-5)


def test_half_agreement_by_hand():
    # (3, -1, -1, -1) / 4 and (1, 1, -1, -1) / 2: r = (1/2) / sqrt(3/4 * 1) = 0.57735.
    other = maps(1, 1, 0, 0)
    assert self_correlation(PEAK, other, form="square").item() == pytest.approx(2 / 3, abs=1e-5)
    assert self_correlation(PEAK, other, form="positive").item() == pytest.approx(
        1 - 0.57735, abs=1e-5
    )


def test_each_picture_has_its_own():
    both = torch.cat([PEAK, PEAK])
    found = self_correlation(both, torch.cat([PEAK, maps(0, 1, 0, 0)]), form="square")
    assert found.tolist() == pytest.approx([0, 8 / 9], abs=1e-5)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (maps(0, 0, 0, 0), maps(0.3, 0.1, 0.2, 0.1)),
        (PEAK, maps(0.2, 0.2, 0.2, 0.2)),
        (maps(0, 0, 0, 0), maps(0, 0, 0, 0)),
    ],
)
def test_nothing_correlates_with_a_constant_map_and_nothing_moves(form, drawn, said):
    drawn, said = drawn.clone().requires_grad_(), said.clone().requires_grad_()
    loss = self_correlation(drawn, said, form=form)
    assert loss.tolist() == [1]
    loss.sum().backward()
    assert drawn.grad.tolist() == [[0, 0, 0, 0]]
    assert said.grad.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("form", FORMS)
def test_the_gradient_is_that_of_the_formula(form):
    rng = torch.Generator().manual_seed(0)
    drawn, said = (torch.rand(2, 3, 4, generator=rng).requires_grad_() for _ in range(2))
    self_correlation(drawn, said, form=form).sum().backward()
    for one, other, first in ((drawn, said, True), (said, drawn, False)):
        moved = torch.zeros_like(one)
        moved[0, 1, 2] = 1e-2
        pairs = [(one.detach() + sign * moved, other.detach()) for sign in (1, -1)]
        up, down = (
            self_correlation(*(pair if first else pair[::-1]), form=form).sum() for pair in pairs
        )
        assert one.grad[0, 1, 2].item() == pytest.approx(((up - down) / 2e-2).item(), rel=0.02)
