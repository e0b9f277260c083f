"""`doctor` as a whole: every check runs whatever the others find, and a script can read the results."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme

from reporter.doctor.check_result import Level
from reporter.doctor.checks import CHECKS, exit_code
from reporter.doctor.dns import DnsResolver
from reporter.sandbox.world import DEMO_KEY
from tests.dns_server import dns_server
from tests.faulty_api import Reply, ScriptedApi, says
from tests.functional.doctor.examining import GOOD, LOGIN, environment_of, found, told
from tests.servers import served
from tests.smtp_server import SILENCE, SmtpServer, smtp_server

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


def test_all_is_well(tmp_path: Path, environ: dict[str, str], mail_server: SmtpServer) -> None:
    """On a correct setup every check passes, no email is sent, and nothing is left in the archive."""
    records = {
        "acme.com": ["v=spf1 ip4:192.0.2.1 -all"],
        "_dmarc.acme.com": ["v=DMARC1; p=none"],
        "mail._domainkey.acme.com": ["v=DKIM1; p=MIIB"],
    }
    with dns_server(records) as server:
        own = environ | {"HYPERREP_SMTP_FROM": "Reports <reports@acme.com>"}
        checks = found(tmp_path, own, names=DnsResolver(server.address))
    assert {name: told(finding) for name, finding in checks.items() if finding.level is not OK} == {}
    assert len(checks) == len(CHECKS)
    assert exit_code(checks.values()) == 0
    assert "TLSv1.3" in checks["mail server"].text
    assert "33.6 MB" in checks["mail server"].text
    assert (mail_server.stored, "MAIL" in mail_server.commands) == ([], False)
    assert not (tmp_path / "reports").exists()


def test_a_configuration_with_faults(tmp_path: Path, environ: dict[str, str]) -> None:
    """Every configuration problem is listed, and the valid parts are checked as usual."""
    text = 'output = 1\nlocale = "xx"\nperiod = "wek"\n[[reports]]\norganization = "Nobody"\n'
    checks = found(tmp_path, environ | {"HYPERREP_API_KEY": "wrong"}, text)
    assert len(checks["configuration"].fixes) == 3
    assert [name for name, finding in checks.items() if finding.level is PROBLEM] == ["configuration", "API"]
    assert checks["mail server"].level is OK
    assert exit_code(checks.values()) == 2


@pytest.mark.slow
def test_nobody_is_asked_whose_address_is_in_doubt(
    tmp_path: Path, environ: dict[str, str], mail_server: SmtpServer
) -> None:
    """With an error in the settings of the API or the mail server, neither gets a key or a password."""
    before = mail_server.connections
    api = ScriptedApi({"": [says({"data": []})]})
    text = GOOD.replace("[[reports]]", '[api]\nurl = "https://elsewhere"\ntimeout = "long"\n[[reports]]')
    with served(api) as url:
        checks = found(tmp_path, environ | {"HYPERREP_API_URL": url, "HYPERREP_SMTP_PORT": "many"}, text)
    assert len(checks["configuration"].fixes) == 2
    assert "not checked" in checks["API"].text
    assert "not checked" in checks["mail server"].text
    assert (api.asked, mail_server.connections) == ([], before)


@pytest.mark.slow
def test_servers_that_never_answer(tmp_path: Path, environ: dict[str, str], authority: trustme.CA) -> None:
    """The checks give up within seconds, whatever timeouts a run would use."""
    script = SmtpServer(login=LOGIN, faults={"CONNECT": [SILENCE]})
    with (
        served(ScriptedApi({"": [Reply(silent=True)]})) as url,
        smtp_server(script, certificate=authority.issue_cert("localhost")) as server,
    ):
        checks = found(tmp_path, environ | {"HYPERREP_API_URL": url, "HYPERREP_SMTP_PORT": str(server.port)})
    assert "within 5 seconds" in told(checks["API"])
    assert "within 5 seconds" in told(checks["mail server"])


@pytest.mark.slow
def test_a_file_that_cannot_be_read(tmp_path: Path, environ: dict[str, str]) -> None:
    """If the file is not valid TOML, nothing is guessed: the API, the mail server, and the archive are not checked."""
    checks = found(tmp_path, environ, "timezone = ")
    assert "TOML" in told(checks["configuration"])
    assert all("not checked" in checks[name].text for name in ("API", "mail server"))


@pytest.mark.slow
def test_a_server_without_its_sender(tmp_path: Path, environ: dict[str, str]) -> None:
    """A mail server setting without a sender is one configuration error, and the server is not contacted."""
    checks = found(tmp_path, environ | {"HYPERREP_SMTP_FROM": ""})
    assert "HYPERREP_SMTP_FROM" in told(checks["configuration"])
    assert "not checked" in checks["mail server"].text


def test_the_command(tmp_path: Path, environ: dict[str, str]) -> None:
    """The command prints a line for each check, the fixes, and a summary, or JSON alone, and never a secret."""
    (tmp_path / "hyperrep-report.toml").write_text(GOOD)
    environ |= {"HYPERREP_SMTP_PASSWORD": "wr0ng-one"}
    text = _run(tmp_path, environ)
    assert text.returncode == 1
    assert text.stdout.count("\nok ") + text.stdout.startswith("ok ") == len(CHECKS) - 4
    assert "\nproblem  mail server" in text.stdout
    summary = f"{len(CHECKS)} checks: {len(CHECKS) - 4} ok, 3 warnings, 1 problem; a run would fail."
    assert text.stdout.endswith(f"\n{summary}\n"), "of example.com neither SPF nor DKIM nor DMARC can be asked"
    document = _run(tmp_path, environ, "--json")
    told = json.loads(document.stdout)
    assert (document.returncode, told["exit_code"], told["counts"]["problem"]) == (1, 1, 1)
    assert {finding["level"] for finding in told["findings"]} == {"ok", "warning", "problem"}
    for output in (text.stdout, text.stderr, document.stdout, document.stderr):
        assert "wr0ng-one" not in output
        assert DEMO_KEY not in output


@pytest.mark.slow
def test_the_demo_needs_nothing(tmp_path: Path) -> None:
    """With --demo, every check passes on a machine where nothing is set up, and no file is left behind."""
    done = _run(tmp_path, {}, "--demo")
    assert done.returncode == 0, done.stdout
    assert "problem" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def _run(folder: Path, environ: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "reporter", "doctor", *options]
    return subprocess.run(
        program, cwd=folder, env=environment_of(environ), capture_output=True, text=True, check=False, timeout=120
    )
