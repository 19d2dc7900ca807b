import math

import pytest
import torch

from core.models.hybridpose.maps import (
    Levels,
    MapOf,
    gaussian_maps,
    read_bilinear,
    read_nearest,
    to_cells,
)


def naive_maps(centre_cells, height, plane, shape, sigma):
    """Eqs. 6 and 7 cell by cell: every Gaussian at every cell, and the largest."""
    found = torch.zeros(shape)
    for n in range(len(centre_cells)):
        for k in range(shape[1]):
            for v in range(shape[2]):
                for u in range(shape[3]):
                    x, y = centre_cells[n, k].tolist()
                    if height[n, k] == 0 or max(abs(u - x), abs(v - y)) > 3 * sigma:
                        continue
                    here = height[n, k].item() * math.exp(
                        -((u - x) ** 2 + (v - y) ** 2) / (2 * sigma**2)
                    )
                    found[plane[n], k, v, u] = max(found[plane[n], k, v, u].item(), here)
    return found


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.7])
def test_maps_are_those_made_cell_by_cell(sigma):
    rng = torch.Generator().manual_seed(1)
    centre = torch.rand(5, 2, 2, generator=rng) * 16 - 3  # some beyond the rims of 10 x 7 cells
    height = torch.rand(5, 2, generator=rng)
    height[2, 0] = 0.0
    plane = torch.tensor([0, 1, 1, 0, 1])
    shape = (2, 2, 7, 10)
    found = gaussian_maps(centre, height, plane, shape=shape, sigma_cells=sigma)
    assert torch.allclose(found, naive_maps(centre, height, plane, shape, sigma), atol=1e-6)


def test_a_gaussian_ends_at_three_sigmas():
    centre = torch.tensor([[[10.0, 5.0]]])
    row = gaussian_maps(
        centre, torch.ones(1, 1), torch.tensor([0]), shape=(1, 1, 11, 21), sigma_cells=1.0
    )[0, 0, 5]
    assert (row > 0).nonzero().flatten().tolist() == list(range(7, 14))
    assert row[10] == 1.0
    assert row[11].item() == pytest.approx(math.exp(-0.5))


def test_far_off_the_map_nothing_is_drawn():
    centre = torch.tensor([[[-50.0, 4.0], [4.0, 900.0]]])
    found = gaussian_maps(
        centre, torch.ones(1, 2), torch.tensor([0]), shape=(1, 2, 8, 8), sigma_cells=1.0
    )
    assert found.abs().sum() == 0


def test_nobody_draws_an_empty_map():
    found = gaussian_maps(
        torch.zeros(0, 3, 2),
        torch.zeros(0, 3),
        torch.zeros(0, dtype=torch.long),
        shape=(2, 3, 4, 5),
        sigma_cells=1.0,
    )
    assert found.shape == (2, 3, 4, 5)
    assert found.abs().sum() == 0


def test_gradients_reach_places_and_heights():
    centre = torch.tensor([[[3.3, 2.8]]], dtype=torch.float32, requires_grad=True)
    height = torch.tensor([[0.7]], requires_grad=True)

    def drawn_at(xy, h):
        maps = gaussian_maps(xy, h, torch.tensor([0]), shape=(1, 1, 6, 7), sigma_cells=1.0)
        return (maps[0, 0] * torch.arange(42.0).view(6, 7)).sum()

    drawn_at(centre, height).backward()
    step = 1e-2
    for axis in (0, 1):
        moved = torch.zeros(1, 1, 2)
        moved[..., axis] = step
        slope = (
            drawn_at(centre.detach() + moved, height.detach())
            - drawn_at(centre.detach() - moved, height.detach())
        ) / (2 * step)
        assert centre.grad[0, 0, axis].item() == pytest.approx(slope.item(), rel=2e-2)
    assert height.grad.item() == pytest.approx(
        drawn_at(centre.detach(), torch.ones(1, 1)).item(), rel=1e-4
    )


def test_where_several_meet_the_largest_alone_learns():
    centre = torch.tensor([[[2.0, 2.0]], [[2.0, 2.0]]])
    height = torch.tensor([[0.9], [0.4]], requires_grad=True)
    maps = gaussian_maps(centre, height, torch.tensor([0, 0]), shape=(1, 1, 5, 5), sigma_cells=1.0)
    maps.sum().backward()
    assert height.grad[0] > 0
    assert height.grad[1] == 0


def test_the_middle_of_a_cell_is_the_middle_of_its_pixels():
    # A cell of stride 8 holds pixels 0 to 7, whose middle is 3.5.
    assert to_cells(torch.tensor([3.5, 11.5]), 8).tolist() == [0.0, 1.0]


def two_levels():
    """Two anchors, one keypoint; the finer level 2 x 2 cells of 8 pixels, the coarser one cell."""
    p = torch.tensor([[[[0.1, 0.2, 0.3, 0.4, 0.5]], [[0.6, 0.7, 0.8, 0.9, 0.95]]]])  # (1, 2, 1, 5)
    return Levels(
        torch.logit(p),
        torch.tensor([0, 4]),
        torch.tensor([[2, 2], [1, 1]]),
        torch.tensor([8.0, 16.0]),
    )


def read(reader, *places, level=0, anchor=0):
    xy = torch.tensor(places, dtype=torch.float32)[None, :, None]  # (1, M, 1, 2)
    zeros = torch.zeros(1, len(places), dtype=torch.long)
    of = MapOf(zeros, zeros + anchor, zeros + level)
    return reader(two_levels(), of, xy)[0, :, 0].tolist()


def test_the_cell_that_holds_a_keypoint_is_read():
    corners = [(0, 0), (7.4, 7.4), (8, 0), (0, 15), (15, 15)]
    assert read(read_nearest, *corners) == pytest.approx([0.1, 0.1, 0.2, 0.3, 0.4])
    assert read(read_nearest, (3, 9), anchor=1) == pytest.approx([0.8])
    assert read(read_nearest, (3, 9), level=1) == pytest.approx([0.5])


@pytest.mark.parametrize("reader", [read_nearest, read_bilinear])
def test_off_the_picture_nothing_is_seen(reader):
    found = read(reader, (-0.6, 3), (3, -4), (15.6, 3), (3, 100))
    assert found == [0, 0, 0, 0]
    assert read(reader, (-0.4, 3)) == pytest.approx([0.1], abs=0.11)


def test_between_cells_all_four_count():
    assert read(read_bilinear, (3.5, 3.5), (7.5, 3.5), (7.5, 7.5)) == pytest.approx(
        [0.1, 0.15, 0.25]
    )


def test_at_the_rim_the_outermost_cell_holds():
    assert read(read_bilinear, (0, 0), (15, 15)) == pytest.approx([0.1, 0.4])
