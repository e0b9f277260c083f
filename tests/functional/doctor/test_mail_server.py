"""`doctor` beside a real mail server, which gets no mail from it."""

from pathlib import Path

import trustme

from reporter.checks.examination import exit_code
from reporter.checks.finding import Level
from tests.functional.doctor.examining import LOGIN, found, told
from tests.smtp_server import SmtpServer, smtp_server

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


def test_an_untrusted_certificate(tmp_path: Path, environ: dict[str, str], mail_server: SmtpServer) -> None:
    """A mail server whose certificate nobody vouches for gets no password, and the way out is named."""
    before = mail_server.commands.count("AUTH")
    checks = found(tmp_path, {name: value for name, value in environ.items() if name != "HYPERREP_SMTP_CA_FILE"})
    assert checks["mail server"].level is PROBLEM
    assert "HYPERREP_SMTP_CA_FILE" in told(checks["mail server"])
    assert mail_server.commands.count("AUTH") == before
    assert exit_code(checks.values()) == 1


def test_a_wrong_password(tmp_path: Path, environ: dict[str, str]) -> None:
    """A login that is refused is told without the password."""
    checks = found(tmp_path, environ | {"HYPERREP_SMTP_PASSWORD": "wr0ng-one"})
    assert checks["mail server"].level is PROBLEM
    assert "HYPERREP_SMTP_PASSWORD" in told(checks["mail server"])
    assert "wr0ng-one" not in told(checks["mail server"])


def test_no_mail_server(tmp_path: Path, environ: dict[str, str]) -> None:
    """Without a mail server it is said that mails stay in the archive; one that does not listen is a problem."""
    checks = found(tmp_path, {name: value for name, value in environ.items() if "SMTP" not in name})
    assert checks["mail server"].level is WARNING
    assert "stay in the archive" in checks["mail server"].text
    with smtp_server() as gone:
        pass
    checks = found(tmp_path, environ | {"HYPERREP_SMTP_PORT": str(gone.port)})
    assert checks["mail server"].level is PROBLEM
    assert "a firewall" in told(checks["mail server"])


def test_a_server_that_takes_small_mails_only(tmp_path: Path, environ: dict[str, str], authority: trustme.CA) -> None:
    """A limit that a report may exceed is warned of before a report does."""
    script = SmtpServer(login=LOGIN, size=200_000)
    with smtp_server(script, certificate=authority.issue_cert("localhost")) as server:
        checks = found(tmp_path, environ | {"HYPERREP_SMTP_PORT": str(server.port)})
    assert checks["mail server"].level is WARNING
    assert "0.2 MB" in checks["mail server"].text
