import pytest

from benchmarks import systems
from core.models.entries import ENTRIES

# Counting takes a second or more each: these stand for the kinds of layers there are.
COUNTED = ["metamodel_tiny", "visaware_tiny", "oahpe_tiny", "hybridpose_tiny", "sbl_r50"]


@pytest.fixture(scope="module")
def rows() -> dict[str, str]:
    lines = systems.DOCUMENT.read_text().splitlines()
    return {line.split("`")[1]: line for line in lines if line.startswith("| `")}


def test_the_document_lists_every_network_in_order(rows):
    assert list(rows) == list(ENTRIES)


def test_names_inputs_and_parameters_are_those_of_today(rows):
    for name, entry in ENTRIES.items():
        assert rows[name].startswith(systems.first_cells(name, entry)), name
        assert rows[name].endswith(f"| {systems.published_words(name)} |"), name


@pytest.mark.parametrize("name", COUNTED)
def test_multiply_accumulates_are_those_of_today(name, rows):
    shown = rows[name].split("|")[5].strip()
    assert shown == f"{systems.macs_of(ENTRIES[name].model) / 1e9:.2f}"


def test_whatever_differs_from_what_is_published_has_its_remark(rows):
    remarks = [line for line in systems.DOCUMENT.read_text().splitlines() if line.startswith("* ")]
    assert remarks == list(systems.remarks())
    explained = {line.split("`")[1] for line in remarks}
    for name, known in systems.PUBLISHED.items():
        parameters, gmacs = (float(cell) for cell in rows[name].split("|")[4:6])
        off = abs(parameters / known.parameters_m - 1) > systems.CLOSE
        off |= known.gmacs is not None and abs(gmacs / known.gmacs - 1) > systems.CLOSE
        assert not off or name in explained, name


def test_a_convolution_costs_its_products_once():
    """sbl_r50 by hand would fill a page; its published count is mmpose's."""
    assert systems.macs_of(ENTRIES["sbl_r50"].model) / 1e9 == pytest.approx(5.46, rel=0.01)
