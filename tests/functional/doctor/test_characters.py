"""What `doctor` reports about names that the bundled fonts cannot draw."""

from pathlib import Path

from reporter.doctor.check_result import ApiAnswer, Level, Subject
from reporter.doctor.machine import fonts
from reporter.domain.snapshot import Organization
from tests.functional.doctor.examining import GOOD, examined, now, told

OK, WARNING = Level.OK, Level.WARNING
KNOWN = (Organization("1", "Acme Roofing"), Organization("2", "ไทย Ácme"), Organization("3", "🦊 ภาษา"))


def test_names_that_are_drawn(tmp_path: Path) -> None:
    """Only the organizations in configured reports are checked, and the languages in use are reported."""
    finding = fonts(Subject(examined(tmp_path, {}), now(), lambda: ApiAnswer(KNOWN)))
    assert (finding.level, "(en)" in finding.text) == (OK, True)


def test_names_that_are_not_drawn(tmp_path: Path) -> None:
    """Each organization or brand text with a character that no font has is reported, with those characters."""
    text = GOOD + '[[reports]]\norganization = "2"\nbrand = { name = "Acme™", footer = "Grüße លា" }\n'
    finding = fonts(Subject(examined(tmp_path, {}, text), now(), lambda: ApiAnswer(KNOWN)))
    assert finding.level is WARNING
    assert "'ไทย Ácme' (ไทย)" in finding.text
    assert "(លា)" in finding.text
    assert "Acme™" not in finding.text
    assert "Latin" in told(finding)


def test_every_organization_counts_without_reports(tmp_path: Path) -> None:
    """Without configured reports, all of the key's organizations are checked; an API that listed none is no problem."""
    nothing = examined(tmp_path, {}, 'timezone = "UTC"')
    assert "(ภาษ)" in fonts(Subject(nothing, now(), lambda: ApiAnswer(KNOWN))).text
    assert fonts(Subject(nothing, now(), ApiAnswer)).level is OK
