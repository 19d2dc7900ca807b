"""Gathering what is wrong with a file while it is read."""

import re
from dataclasses import dataclass, field

from core.data.report import CheckReport, Finding, Severity

# Parts of a file in the order a person would look at them.
FILE, CATEGORIES, IMAGES, ANNOTATIONS, PHOTOS = range(5)

# Line ends, terminal escapes and turns of the writing direction: a stranger's file names and
# keypoint names stand in messages and may not make them look like others.
_MISLEADING = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass
class Findings:
    """Findings of one part of a file, in whatever order the rules come by."""

    part: int = ANNOTATIONS
    _found: list[tuple[int, int, Finding]] = field(default_factory=list)

    def error(
        self,
        rule: str,
        message: str,
        *,
        row: int = -1,
        annotation_id: int | None = None,
        image_id: int | None = None,
    ) -> None:
        """Something that refuses the file; `row` is its place in the part's list."""
        self._add(row, Finding(Severity.ERROR, rule, _plain(message), annotation_id, image_id))

    def remark(
        self,
        rule: str,
        message: str,
        *,
        row: int = -1,
        annotation_id: int | None = None,
        image_id: int | None = None,
    ) -> None:
        """Something that is imported, counted and shown."""
        self._add(row, Finding(Severity.REMARK, rule, _plain(message), annotation_id, image_id))

    def of(self, part: int) -> "Findings":
        """A view that files what it is told under another part."""
        return Findings(part, self._found)

    def forget(self) -> None:
        """Drop what was found in this part; it does not count after all."""
        self._found[:] = [found for found in self._found if found[0] != self.part]

    def _add(self, row: int, finding: Finding) -> None:
        self._found.append((self.part, row, finding))

    def report(self) -> CheckReport:
        """Errors first, else in file order."""
        found = sorted(self._found, key=lambda f: (f[2].severity is not Severity.ERROR, f[0], f[1]))
        return CheckReport(tuple(finding for _, _, finding in found))


def _plain(message: str) -> str:
    return _MISLEADING.sub("\ufffd", message)
