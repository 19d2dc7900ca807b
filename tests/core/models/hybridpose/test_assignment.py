import torch

from core.models.hybridpose.assignment import Fits, Matches, Persons, fitting, matching


def persons(*boxes):
    return Persons(
        torch.zeros(len(boxes), dtype=torch.long), torch.tensor(boxes, dtype=torch.float32)
    )


def cells(matches: Matches) -> set[tuple[int, int]]:
    return set(zip(matches.column.tolist(), matches.row.tolist(), strict=True))


def cells_of(centre, *, stride=10, size_wh=(8, 8)) -> set[tuple[int, int]]:
    x, y = centre
    one = persons((x - 5, y - 5, x + 5, y + 5))
    fits = Fits(torch.tensor([0]), torch.tensor([0]))
    return cells(matching(one, fits, stride=stride, size_wh=size_wh))


def test_anchors_answer_for_sides_less_than_four_times_theirs():
    # Width over anchor and height over anchor: 3.9 and 1; 4 and 1; 1/3.9 and 1; 3 and 1/4.1.
    found = fitting(
        persons((0, 0, 39, 10), (0, 0, 40, 10), (0, 0, 10 / 3.9, 10), (0, 0, 30, 10 / 4.1)),
        torch.tensor([[10.0, 10.0]]),
        most_ratio=4.0,
    )
    assert found.person.tolist() == [0, 2]


def test_every_anchor_of_a_size_answers():
    anchors = torch.tensor([[10.0, 10.0], [100.0, 100.0], [20.0, 20.0]])
    found = fitting(persons((0, 0, 15, 15)), anchors, most_ratio=4.0)
    assert found.anchor.tolist() == [0, 2]


def test_the_centre_cell_and_the_nearer_neighbours_answer():
    assert cells_of((32, 47)) == {(3, 4), (2, 4), (3, 5)}
    assert cells_of((38, 42)) == {(3, 4), (4, 4), (3, 3)}


def test_in_the_very_middle_of_a_cell_no_neighbour_reaches_the_centre():
    assert cells_of((35, 45)) == {(3, 4)}


def test_off_the_grid_there_is_no_neighbour():
    assert cells_of((2, 2)) == {(0, 0)}
    assert cells_of((79, 79)) == {(7, 7)}


def test_a_centre_off_the_grid_is_nobodys():
    assert cells_of((-1, 35)) == set()
    assert cells_of((81, 35)) == set()


def test_what_answering_cells_have_to_say_is_within_the_range_of_eq_1():
    rng = torch.Generator().manual_seed(0)
    low = torch.rand(200, 2, generator=rng) * 70
    boxes = torch.cat([low, low + torch.rand(200, 2, generator=rng) * 30 + 1], dim=1)
    many = Persons(torch.zeros(200, dtype=torch.long), boxes)
    fits = fitting(many, torch.tensor([[15.0, 15.0]]), most_ratio=4.0)
    found = matching(many, fits, stride=10, size_wh=(12, 12))
    centre = (boxes[:, :2] + boxes[:, 2:])[found.person] / 20
    offset = centre - torch.stack([found.column, found.row], dim=1)
    assert ((offset > -0.5) & (offset < 1.5)).all()
    counts = torch.bincount(found.person, minlength=200)[fits.person]
    assert set(counts.tolist()) <= {1, 2, 3}


def test_nobody_gives_no_matches():
    none = Persons(torch.zeros(0, dtype=torch.long), torch.zeros(0, 4))
    fits = fitting(none, torch.tensor([[10.0, 10.0]]), most_ratio=4.0)
    found = matching(none, fits, stride=8, size_wh=(4, 4))
    assert [len(part) for part in (*fits, *found)] == [0] * 6
