"""The real API and mail server that the tests of `doctor` use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from reporter.doctor.check_result import Level
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, World
from tests.functional.doctor.examining import LOGIN, now
from tests.servers import served
from tests.smtp_server import SmtpServer, smtp_server

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The sandbox on a socket, with its clock at this machine's time."""
    with served(create_app(World(), now)) as url:
        yield url


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that is trusted only where it is configured."""
    return trustme.CA()


@pytest.fixture(scope="module")
def mail_server(authority: trustme.CA) -> Iterator[SmtpServer]:
    """A mail server that requires a login over STARTTLS."""
    with smtp_server(SmtpServer(login=LOGIN), certificate=authority.issue_cert("localhost")) as server:
        yield server


@pytest.fixture
def environ(api: str, mail_server: SmtpServer, authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """The environment of an operator whose setup is correct."""
    authorities = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(authorities))
    return {
        "HYPERREP_API_URL": api,
        "HYPERREP_API_KEY": DEMO_KEY,
        "HYPERREP_SMTP_HOST": "localhost",
        "HYPERREP_SMTP_PORT": str(mail_server.port),
        "HYPERREP_SMTP_FROM": "Reports <reports@example.com>",
        "HYPERREP_SMTP_USERNAME": LOGIN[0],
        "HYPERREP_SMTP_PASSWORD": LOGIN[1],
        "HYPERREP_SMTP_CA_FILE": str(authorities),
    }
