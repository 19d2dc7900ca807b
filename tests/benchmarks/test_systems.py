import sys

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


def test_all_but_multiply_accumulates_is_that_of_today(rows):
    for name, entry in ENTRIES.items():
        assert rows[name].startswith(systems.first_cells(name, entry)), name
        assert rows[name].endswith(f"| {systems.published_words(name)} |"), name


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_counted_and_said_is_that_of_today(name, rows):
    count = systems.counted(ENTRIES[name].model)
    assert rows[name].split("|")[6].strip() == f"{count.macs / 1e9:.2f}"
    assert systems.says(ENTRIES[name].model) == count.says


def test_whatever_differs_from_what_is_published_has_its_remark(rows):
    remarks = [line for line in systems.DOCUMENT.read_text().splitlines() if line.startswith("* ")]
    assert remarks == list(systems.remarks())
    explained = "".join(remark.split(": ")[0] for remark in remarks)
    for name in systems.PUBLISHED:
        cells = rows[name].split("|")
        parameters, macs = float(cells[5]) * 1e6, float(cells[6]) * 1e9
        differs = systems.off(name, parameters=parameters, count=systems.Count(macs, 0, ()))
        # How HRNet's authors count is tested below.
        differs = [each for each in differs if each.by != systems.SUN]
        assert f"`{name}`" in explained or differs == [], name


def test_the_way_hrnets_authors_count_gives_their_figures():
    """8.9 for sbl_r50: its transposed convolutions make two thirds of it, counted like that."""
    count = systems.counted(ENTRIES["sbl_r50"].model)
    transposed = 8 * 6 * 2048 + 16 * 12 * 256 + 32 * 24 * 256  # pixels of input times channels
    assert count.by_output_pixel - count.macs == 3 * transposed * 256 * 16
    assert count.by_output_pixel / 2**30 == pytest.approx(8.9, rel=0.011)
    assert count.macs / 1e9 == pytest.approx(5.46, rel=0.01)  # mmpose's
    assert systems.off("sbl_r50", parameters=33_999_697, count=count) == []
    wrong = systems.Count(count.macs, count.macs, ())
    assert [each.by for each in systems.off("sbl_r50", parameters=34_000_000, count=wrong)] == [
        systems.SUN
    ]


def test_an_old_document_is_told_line_by_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(systems, "DOCUMENT", tmp_path / "systems.md")
    monkeypatch.setattr(systems, "ENTRIES", {"hybridpose_tiny": ENTRIES["hybridpose_tiny"]})
    monkeypatch.setattr(sys, "argv", ["systems"])
    assert systems.main() == 0
    monkeypatch.setattr(sys, "argv", ["systems", "--check"])
    assert systems.main() == 0
    assert capsys.readouterr().out == "systems.md is as it would be written.\n"
    kept = systems.DOCUMENT.read_text()
    systems.DOCUMENT.write_text(kept.replace("1.98", "1.97"))
    assert systems.main() == 1
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == ["-", "+", "-", "+"]
