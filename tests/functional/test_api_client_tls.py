"""The client and the API's certificate: a server that cannot prove to be the API never receives the key."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from reporter.domain.errors import ApiUnreachable
from tests.asking import organizations
from tests.faulty_api import ScriptedApi, says
from tests.servers import served

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """The certificate authority that the operator trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def _proof(certificate: trustme.LeafCert, folder: Path) -> Path:
    file = folder / "server.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(file)
    return file


def _refused(certificate: trustme.LeafCert, folder: Path, reason: str) -> None:
    api = ScriptedApi({"": [says({"data": []})]})
    with (
        served(api, _proof(certificate, folder)) as url,
        pytest.raises(ApiUnreachable, match=rf"certificate of localhost is not trusted \(.*{reason}.*key was not sent"),
    ):
        organizations(url)
    assert api.asked == []


def test_a_certificate_of_another_name_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    """A trusted authority's certificate for another host is rejected."""
    _refused(authority.issue_cert("elsewhere.example"), tmp_path, "Hostname mismatch")


def test_a_certificate_that_is_over_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    """An expired certificate is rejected."""
    _refused(authority.issue_cert("localhost", not_after=LONG_AGO), tmp_path, "certificate has expired")


@pytest.mark.usefixtures("authority")
def test_a_certificate_of_nobody_is_refused(tmp_path: Path) -> None:
    """A certificate of an untrusted authority is rejected, even where another authority is trusted."""
    _refused(trustme.CA().issue_cert("localhost"), tmp_path, "unable to get local issuer|self.signed")
