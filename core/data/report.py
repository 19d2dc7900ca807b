"""What checks say of a file, in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An ERROR refuses the file; a REMARK is imported, counted and shown."""

    ERROR = "error"
    REMARK = "remark"


@dataclass(frozen=True)
class Finding:
    """One problem at one place.

    Attributes:
        rule: short name of the check, e.g. `duplicate_annotation_id`.
        message: one sentence with the ids in it.
    """

    severity: Severity
    rule: str
    message: str
    annotation_id: int | None = None
    image_id: int | None = None


@dataclass(frozen=True)
class RuleCount:
    """How often one rule fired, with its first messages as examples."""

    severity: Severity
    rule: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """Every finding of one file, errors first, else in file order."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the file."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """The findings that are imported, counted and shown."""
        return tuple(f for f in self.findings if f.severity is Severity.REMARK)

    def by_rule(self, *, examples: int = 10) -> tuple[RuleCount, ...]:
        """Findings gathered by rule, in order of first appearance."""
        return count_by_rule(self.findings, examples=examples)


def count_by_rule(findings: Iterable[Finding], *, examples: int = 10) -> tuple[RuleCount, ...]:
    """Gather findings by rule, in order of first appearance."""
    counts: Counter[tuple[Severity, str]] = Counter()
    shown: dict[tuple[Severity, str], list[str]] = {}
    for finding in findings:
        key = (finding.severity, finding.rule)
        counts[key] += 1
        messages = shown.setdefault(key, [])
        if len(messages) < examples:
            messages.append(finding.message)
    return tuple(
        RuleCount(severity, rule, counts[severity, rule], tuple(messages))
        for (severity, rule), messages in shown.items()
    )
