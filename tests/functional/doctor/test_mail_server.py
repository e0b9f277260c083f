"""`doctor` against a real mail server, to which it sends no email."""

import sys
from pathlib import Path

import pytest
import trustme

from reporter.doctor.check_result import ApiAnswer, Level, Subject
from reporter.doctor.checks import exit_code
from reporter.doctor.email import ORDINARY
from reporter.doctor.email import mail_server as check_mail_server
from tests.functional.doctor.examining import GOOD, LOGIN, examined, found, now, told
from tests.smtp_server import SmtpServer, smtp_server

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


@pytest.mark.slow
def test_an_untrusted_certificate(tmp_path: Path, environ: dict[str, str], mail_server: SmtpServer) -> None:
    """A mail server with an untrusted certificate gets no password, and the fix is named."""
    before = mail_server.commands.count("AUTH")
    checks = found(tmp_path, {name: value for name, value in environ.items() if name != "HYPERREP_SMTP_CA_FILE"})
    assert checks["mail server"].level is PROBLEM
    assert "HYPERREP_SMTP_CA_FILE" in told(checks["mail server"])
    assert mail_server.commands.count("AUTH") == before
    assert exit_code(checks.values()) == 1


def test_a_wrong_password(tmp_path: Path, environ: dict[str, str]) -> None:
    """A refused login is reported without the password."""
    checks = found(tmp_path, environ | {"HYPERREP_SMTP_PASSWORD": "wr0ng-one"})
    assert checks["mail server"].level is PROBLEM
    assert "HYPERREP_SMTP_PASSWORD" in told(checks["mail server"])
    assert "wr0ng-one" not in told(checks["mail server"])


@pytest.mark.slow
def test_no_mail_server(tmp_path: Path, environ: dict[str, str]) -> None:
    """Without a mail server, emails stay in the archive; a server that does not listen is a problem."""
    checks = found(tmp_path, {name: value for name, value in environ.items() if "SMTP" not in name})
    assert checks["mail server"].level is WARNING
    assert "stay in the archive" in checks["mail server"].text
    with smtp_server() as gone:
        pass
    checks = found(tmp_path, environ | {"HYPERREP_SMTP_PORT": str(gone.port)})
    assert checks["mail server"].level is PROBLEM
    assert "a firewall" in told(checks["mail server"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "archived", "level", "said"),
    [
        (ORDINARY, 0, OK, "0.1 MB"),
        (ORDINARY - 1, 0, PROBLEM, "about 100 kB"),
        (200_000, 200_000, OK, "0.2 MB"),
        (200_000, 200_001, WARNING, "the largest email in the archive"),
    ],
)
def test_a_server_that_takes_small_mails_only(
    *,
    tmp_path: Path,
    environ: dict[str, str],
    authority: trustme.CA,
    limit: int,
    archived: int,
    level: Level,
    said: str,
) -> None:
    """A size limit below a typical email, or the largest one so far, is reported before it is exceeded."""
    edition = tmp_path / "reports" / "acme-roofing" / "month" / "2026-04"
    edition.mkdir(parents=True)
    (edition / "email.eml").write_bytes(b"x" * archived)
    script = SmtpServer(login=LOGIN, size=limit)
    with smtp_server(script, certificate=authority.issue_cert("localhost")) as server:
        settings = environ | {"HYPERREP_SMTP_PORT": str(server.port)}
        finding = check_mail_server(Subject(examined(tmp_path, settings), now(), ApiAnswer))
    assert (finding.level, said in finding.text) == (level, True)


@pytest.mark.slow
def test_a_token_that_cannot_be_had(tmp_path: Path, environ: dict[str, str], mail_server: SmtpServer) -> None:
    """A token login is tested like any other: what prevents the token is reported, and no login is attempted."""
    before = mail_server.commands.count("AUTH")
    without = {name: value for name, value in environ.items() if "SMTP_PASSWORD" not in name}
    tokens = f"{GOOD}[smtp]\ntoken_command = ['{sys.executable}', '-c', 'raise SystemExit(3)']\n"
    checks = found(tmp_path, without, tokens)
    assert checks["mail server"].level is PROBLEM
    assert "ended with code 3" in told(checks["mail server"])
    assert mail_server.commands.count("AUTH") == before
