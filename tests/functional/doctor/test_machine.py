"""What `doctor` reports about this machine: templates, time zones, and the archive's folder."""

import os
import shutil
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reporter.doctor.archive import LITTLE_SPACE, NO_SPACE, archive, room
from reporter.doctor.check_result import ApiAnswer, CheckResult, Level, Subject, well
from reporter.doctor.checks import exit_code
from reporter.doctor.configuration import time_zones
from reporter.doctor.machine import documents, engine
from reporter.rendering.acceleration.guard import AccelerationStatus
from reporter.rendering.templates import STOCK
from reporter.rendering.worker import Worker
from reporter.rendering.worker_process import Limits
from tests.functional.doctor.examining import GOOD, examined, found, now, told

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM
NOBODY = 65534


@pytest.mark.slow
def test_a_folder_that_cannot_be_written(tmp_path: Path, environ: dict[str, str]) -> None:
    """An archive folder that cannot be created is reported with its path and the fix."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / ".state").symlink_to(tmp_path / "gone")
    checks = found(tmp_path, environ)
    assert checks["archive"].level is PROBLEM
    assert str(tmp_path / "reports") in checks["archive"].text
    assert "--output" in told(checks["archive"])
    assert exit_code(checks.values()) == 2, "as a run, which attempts nothing"


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    """A read-only folder is detected by writing to it, whichever user runs the tests."""
    subject = Subject(examined(tmp_path, {}), now(), ApiAnswer)
    with TemporaryDirectory() as name:
        locked = replace(subject.config, output=Path(name, "reports"))
        Path(name).chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            finding = archive(replace(subject, examined=replace(subject.examined, config=locked)))
        finally:
            os.seteuid(user)
    assert finding.level is PROBLEM
    assert finding.text.endswith("cannot be written: Permission denied")


@pytest.mark.parametrize(
    ("free", "level"), [(NO_SPACE - 1, PROBLEM), (NO_SPACE, WARNING), (LITTLE_SPACE - 1, WARNING), (LITTLE_SPACE, OK)]
)
def test_a_disk_that_is_nearly_full(free: int, level: Level) -> None:
    """Low disk space is a warning, and a full disk is a problem."""
    assert room("reports", free).level is level


def test_a_template_with_a_fault(tmp_path: Path, environ: dict[str, str]) -> None:
    """Every template in use is rendered: an error has file and line, an invalid template has exit code 2."""
    mine = Path(shutil.copytree(STOCK / "executive", tmp_path / "mine"))
    (mine / "email.html.j2").write_text("<p>\n{{ view.nothing }}")
    block = '[[reports]]\norganization = "{}"\ntemplate = "{}"\n'
    broken = GOOD + block.format("Bella Napoli", "mine")
    checks = found(tmp_path, environ, broken)
    assert checks["templates"].level is PROBLEM
    assert "1 template of 2" in checks["templates"].text
    assert "email.html.j2, line 2" in told(checks["templates"])


@pytest.fixture
def old_zones(tmp_path: Path) -> Iterator[None]:
    """A machine whose data has no summer time for Berlin."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(files("tzdata.zoneinfo").joinpath("Etc", "UTC").read_bytes())
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def test_old_time_zone_data(tmp_path: Path, old_zones: None) -> None:
    """Time zone data that changes the clocks on the wrong days is detected."""
    finding = time_zones(Subject(examined(tmp_path, {}), now(), ApiAnswer))
    assert finding.level is PROBLEM
    assert "Europe/Berlin" in finding.text


def examined_documents(folder: Path) -> CheckResult:
    """The finding about rendering, in a process of its own, which has this test's environment."""
    with Worker(Limits(documents=1)) as worker:
        return documents(Subject(examined(folder, {}), now(), ApiAnswer, worker=worker))


def test_rendering_that_is_accelerated(tmp_path: Path) -> None:
    """With the locked versions the check passes without a remark."""
    assert examined_documents(tmp_path) == well("a document was rendered with the fonts of the software")


def test_rendering_whose_acceleration_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acceleration that the operator switched off is information, not a warning."""
    monkeypatch.setenv("HYPERREP_PLAIN_RENDERING", "1")
    finding = examined_documents(tmp_path)
    assert finding.level is OK
    assert "not accelerated, because HYPERREP_PLAIN_RENDERING is set" in finding.text


def test_rendering_with_libraries_of_other_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning names the installed and the expected version; the hint says how to install the expected one."""
    (tmp_path / "sitecustomize.py").write_text("import pydyf; pydyf.VERSION = '0.13.9'")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = examined_documents(tmp_path)
    assert finding.level is WARNING
    assert "pydyf 0.13.9 is installed, and 0.13.0 is expected" in finding.text
    assert "pip install" in told(finding)
    assert "pydyf==0.13.0" in told(finding)


def test_rendering_that_is_slow_for_two_reasons() -> None:
    """Both reasons are in the warning, each with its hint."""
    finding = engine(
        has_subsetter=False, acceleration=AccelerationStatus("pydyf 2 is installed, and 1 is expected", "Install 1.")
    )
    assert finding.level is WARNING
    assert "libharfbuzz-subset" in finding.text
    assert "pydyf 2" in finding.text
    assert [hint for hint in finding.fixes if hint == "Install 1." or "libharfbuzz" in hint] == list(finding.fixes)
