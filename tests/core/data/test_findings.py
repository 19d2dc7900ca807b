"""Findings come out errors first, in file order, and cannot fake other lines."""

from core.data.findings import CATEGORIES, FILE, IMAGES, Findings
from core.data.report import CheckReport, Finding, Severity


def test_findings_are_sorted_by_severity_part_and_row():
    findings = Findings()
    findings.remark("a", "third remark", row=2)
    findings.remark("b", "second remark", row=1, annotation_id=8)
    findings.of(IMAGES).remark("c", "first remark", row=9, image_id=4)
    findings.error("d", "second error", row=5)
    findings.of(CATEGORIES).error("e", "first error", row=7)
    assert findings.report() == CheckReport(
        (
            Finding(Severity.ERROR, "e", "first error"),
            Finding(Severity.ERROR, "d", "second error"),
            Finding(Severity.REMARK, "c", "first remark", image_id=4),
            Finding(Severity.REMARK, "b", "second remark", annotation_id=8),
            Finding(Severity.REMARK, "a", "third remark"),
        )
    )


def test_a_part_can_be_forgotten():
    findings = Findings()
    findings.error("a", "of an annotation")
    findings.of(FILE).error("b", "of the file")
    findings.forget()
    assert [finding.rule for finding in findings.report().findings] == ["b"]


def test_names_from_a_file_cannot_break_or_turn_a_line():
    findings = Findings()
    findings.remark("a", "Image \x1b[2J1\n\u202e\ud800 is né ✓")
    (finding,) = findings.report().findings
    assert finding.message == "Image \ufffd[2J1\ufffd\ufffd\ufffd is né ✓"
