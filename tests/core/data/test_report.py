"""Check reports gather findings by rule."""

from core.data.report import CheckReport, Finding, RuleCount, Severity


def test_findings_are_gathered_by_rule_with_a_few_examples():
    report = CheckReport(
        (
            Finding(Severity.ERROR, "duplicate_id", "Annotation 7 appears twice.", 7),
            *(
                Finding(Severity.REMARK, "no_area", f"Annotation {i} has no area.", i)
                for i in range(3)
            ),
        )
    )
    assert report.by_rule(examples=2) == (
        RuleCount(Severity.ERROR, "duplicate_id", 1, ("Annotation 7 appears twice.",)),
        RuleCount(
            Severity.REMARK,
            "no_area",
            3,
            ("Annotation 0 has no area.", "Annotation 1 has no area."),
        ),
    )
    assert [f.rule for f in report.errors] == ["duplicate_id"]
    assert [f.rule for f in report.remarks] == ["no_area"] * 3
