"""Gathering what is wrong with a file while it is read."""

from dataclasses import dataclass, field

from core.data.report import CheckReport, Finding, Severity

# Parts of a file in the order a person would look at them.
FILE, CATEGORIES, IMAGES, ANNOTATIONS, PHOTOS = range(5)


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
        finding = Finding(Severity.ERROR, rule, message, annotation_id, image_id)
        self._found.append((self.part, row, finding))

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
        finding = Finding(Severity.REMARK, rule, message, annotation_id, image_id)
        self._found.append((self.part, row, finding))

    def of(self, part: int) -> "Findings":
        """A view that files what it is told under another part."""
        return Findings(part, self._found)

    def forget(self) -> None:
        """Drop what was found in this part; it does not count after all."""
        self._found[:] = [found for found in self._found if found[0] != self.part]

    def report(self) -> CheckReport:
        """Errors first, else in file order."""
        found = sorted(self._found, key=lambda f: (f[2].severity is not Severity.ERROR, f[0], f[1]))
        return CheckReport(tuple(finding for _, _, finding in found))
