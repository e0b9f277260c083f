"""`doctor` against a real API: the key, the organizations, and the clock."""

from datetime import timedelta
from pathlib import Path

import pytest

from reporter.doctor.check_result import Level
from reporter.doctor.checks import exit_code
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, EXPIRED_KEY, SINGLE_KEY, World
from tests.functional.doctor.examining import GOOD, found, now, told
from tests.servers import served

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


@pytest.mark.slow
@pytest.mark.parametrize(("key", "said"), [("wrong", "does not know this key"), (EXPIRED_KEY, "has expired")])
def test_a_refused_key(tmp_path: Path, environ: dict[str, str], key: str, said: str) -> None:
    """A key that the API refuses is reported with the reason and exit code 3; the clocks are still compared."""
    checks = found(tmp_path, environ | {"HYPERREP_API_KEY": key})
    assert checks["API"].level is PROBLEM
    assert said in told(checks["API"])
    assert checks["organizations"].level is WARNING
    assert checks["clock"].level is OK
    assert [name for name, finding in checks.items() if finding.level is PROBLEM] == ["API"]
    assert exit_code(checks.values()) == 3


@pytest.mark.slow
def test_no_key(tmp_path: Path, environ: dict[str, str]) -> None:
    """Without a key the API is not called, and the variable to set is named."""
    checks = found(tmp_path, environ | {"HYPERREP_API_KEY": ""})
    assert checks["API"].level is PROBLEM
    assert "HYPERREP_API_KEY_FILE" in told(checks["API"])
    assert exit_code(checks.values()) == 2


def test_an_api_out_of_reach(tmp_path: Path, environ: dict[str, str]) -> None:
    """An API that does not answer is reported with exit code 3 within seconds, and the clock check guesses nothing."""
    with served(create_app(World(), now)) as gone:
        pass
    checks = found(tmp_path, environ | {"HYPERREP_API_URL": gone})
    assert checks["API"].level is PROBLEM
    assert "cannot be reached" in checks["API"].text
    assert checks["clock"].level is WARNING
    assert exit_code(checks.values()) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ahead", "level", "said"),
    [
        (timedelta(hours=3), PROBLEM, "3 hours ahead of"),
        (-timedelta(hours=3), PROBLEM, "3 hours behind"),
        (timedelta(seconds=20), WARNING, "seconds ahead of"),
    ],
)
def test_a_clock_that_is_wrong(
    tmp_path: Path, environ: dict[str, str], ahead: timedelta, level: Level, said: str
) -> None:
    """A clock that differs from the API's is reported with the difference."""
    with served(create_app(World(), lambda: now() - ahead)) as url:
        checks = found(tmp_path, environ | {"HYPERREP_API_URL": url})
    assert checks["clock"].level is level
    assert said in checks["clock"].text
    assert exit_code(checks.values()) == (1 if level is PROBLEM else 0)


def test_an_organization_the_key_does_not_have(tmp_path: Path, environ: dict[str, str]) -> None:
    """A report on an organization that the key cannot see is a configuration error, which lists those it can see."""
    checks = found(tmp_path, environ, GOOD + '[[reports]]\norganization = "Acme Roofin"\n')
    assert checks["organizations"].level is PROBLEM
    assert "'Acme Roofin'" in told(checks["organizations"])
    assert "'Acme Roofing'" in told(checks["organizations"])
    assert exit_code(checks.values()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("key", "level"), [(DEMO_KEY, WARNING), (SINGLE_KEY, OK)])
def test_no_report_is_configured(tmp_path: Path, environ: dict[str, str], key: str, level: Level) -> None:
    """Without reports, a key with one organization passes; with several, a warning says the choice is open."""
    checks = found(tmp_path, environ | {"HYPERREP_API_KEY": key}, 'timezone = "UTC"')
    assert checks["organizations"].level is level
    assert (checks["recipients"].level, checks["time zones"].level) == (WARNING, OK)
