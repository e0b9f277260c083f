"""What `doctor` reports about the From domain, with a real name server: SPF, DKIM, and DMARC."""

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from reporter.doctor.check_result import ApiAnswer, CheckResult, Level, Subject
from reporter.doctor.dns import MOST_LOOKUPS, DnsResolver
from reporter.doctor.email import SELECTORS, dkim, dmarc, spf
from tests.dns_server import dns_server
from tests.functional.doctor.examining import examined, now, told

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM
DOMAIN = "acme.com"
GOOGLE = {"_spf.google.com": ["v=spf1 include:_netblocks.google.com ~all"]}
BLOCKS = {"_netblocks.google.com": ["v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ~all"]}
ZONE: dict[str, Sequence[str]] = {
    DOMAIN: ["google-site-verification=x", "v=spf1 include:_spf.google.com ~all"],
    "google._domainkey.acme.com": [f"v=DKIM1; k=rsa; p={'MIIB' * 90}"],
    "_dmarc.acme.com": ["v=DMARC1; p=none; rua=mailto:dmarc@acme.com"],
    **GOOGLE,
    **BLOCKS,
}


@pytest.fixture
def environ() -> dict[str, str]:
    """A mail server whose domain is checked; no test connects to it."""
    return {"HYPERREP_SMTP_HOST": "smtp.gmail.com", "HYPERREP_SMTP_FROM": "Acme <reports@acme.com>"}


def asked(
    folder: Path, environ: Mapping[str, str], zone: Mapping[str, Sequence[str]], *selectors: str
) -> dict[str, CheckResult]:
    """The findings for the domain when the DNS has this zone."""
    with dns_server(zone) as server:
        subject = Subject(
            examined(folder, environ), now(), ApiAnswer, names=DnsResolver(server.address), selectors=selectors
        )
        return {"SPF": spf(subject), "DKIM": dkim(subject), "DMARC": dmarc(subject)}


def test_all_is_published(tmp_path: Path, environ: dict[str, str]) -> None:
    """A domain with all three records passes, even with long keys in several strings or unrelated texts."""
    checks = asked(tmp_path, environ, ZONE)
    assert {name: told(finding) for name, finding in checks.items() if finding.level is not OK} == {}
    assert "include:_spf.google.com" in checks["SPF"].text
    assert "google" in checks["DKIM"].text
    assert "p=none" in checks["DMARC"].text


def test_nothing_is_published(tmp_path: Path, environ: dict[str, str]) -> None:
    """Each missing record is a warning that says what to publish or to check; no run fails for it."""
    checks = asked(tmp_path, environ, {**GOOGLE, **BLOCKS})
    assert {finding.level for finding in checks.values()} == {WARNING}
    assert '"v=spf1 include:_spf.google.com ~all"' in told(checks["SPF"])
    assert "_dmarc.acme.com" in told(checks["DMARC"])
    assert "--dkim-selector" in told(checks["DKIM"])
    assert str(len(SELECTORS)) in checks["DKIM"].text


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "add include:_spf.google.com"),
        ("v=spf1 ip4:64.233.160.7 -all", None),
        ("v=spf1 mx -all", None),
        ("v=spf1 exists:%{i}.allowed.acme.com -all", None),
        ("v=spf1 include:other.com ~all", "add include:_spf.google.com"),
        ("v=spf1 redirect=_spf.google.com", None),
        ("v=spf1 include:_spf.google.com include:gone.com ~all", "gone.com"),
        ("v=spf1 include:_spf.google.com +all", "ends in +all"),
        ("v=spf1 include:_spf.google.com redirect=acme.com", None),
        (f"v=spf1 include:_spf.google.com {'a:x.com ' * MOST_LOOKUPS}-all", "lookups"),
    ],
)
def test_what_a_record_leaves_out(tmp_path: Path, environ: dict[str, str], record: str, said: str | None) -> None:
    """Advice is given only where it is certain: not where a record may allow the servers in another way."""
    other = {"other.com": ["v=spf1 ip4:198.51.100.0/24 -all"]}
    finding = asked(tmp_path, environ, {**ZONE, **other, DOMAIN: [record]})["SPF"]
    assert (finding.level, said is None or said in told(finding)) == (WARNING if said else OK, True)


def test_a_server_of_ones_own_is_not_judged(tmp_path: Path, environ: dict[str, str]) -> None:
    """For a mail server of no known provider, no advice is given, since its sending hosts are unknown."""
    zone = {**ZONE, DOMAIN: ["v=spf1 ip4:192.0.2.1 -all"]}
    assert asked(tmp_path, environ | {"HYPERREP_SMTP_HOST": "mail.acme.com"}, zone)["SPF"].level is OK


@pytest.mark.parametrize(("check", "name"), [("SPF", DOMAIN), ("DMARC", "_dmarc.acme.com")])
def test_two_records_are_none(tmp_path: Path, environ: dict[str, str], check: str, name: str) -> None:
    """Receivers ignore duplicate records, and the finding says so."""
    record = ZONE[name][-1]
    other = f"{record} "
    finding = asked(tmp_path, environ, {**ZONE, name: [record, other]})[check]
    assert (finding.level, "none counts" in finding.text) == (WARNING, True)


def test_a_policy_of_the_domain_above(tmp_path: Path, environ: dict[str, str]) -> None:
    """A subdomain without a policy of its own has its parent domain's policy."""
    below = environ | {"HYPERREP_SMTP_FROM": "reports@mail.acme.com"}
    finding = asked(tmp_path, below, ZONE)["DMARC"]
    assert (finding.level, "_dmarc.acme.com" in finding.text) == (OK, True)


def test_a_policy_that_is_none(tmp_path: Path, environ: dict[str, str]) -> None:
    """A record with an unknown policy counts as no policy."""
    finding = asked(tmp_path, environ, {**ZONE, "_dmarc.acme.com": ["v=DMARC1; p=maybe"]})["DMARC"]
    assert (finding.level, "p=" in told(finding)) == (WARNING, True)


@pytest.mark.parametrize(
    ("record", "selectors", "level"),
    [
        ("v=DKIM1; p=MIIB", ("acme2026",), OK),
        ("p=MIIB", ("acme2026",), OK),
        ("v=DKIM1; p=", ("acme2026",), WARNING),
        ("v=DKIM1; p=MIIB", (), WARNING),
        ("v=spf1 -all", ("acme2026",), WARNING),
    ],
)
def test_a_key_of_ones_own(
    tmp_path: Path, environ: dict[str, str], record: str, selectors: tuple[str, ...], level: Level
) -> None:
    """A key under a custom selector is found once the selector is given, unless it is revoked or not a key."""
    finding = asked(tmp_path, environ, {"acme2026._domainkey.acme.com": [record]}, *selectors)["DKIM"]
    assert finding.level is level
    assert "revoked" in finding.text or record != "v=DKIM1; p="


def test_what_the_dns_says_is_data(tmp_path: Path, environ: dict[str, str]) -> None:
    """A record with control characters or of excessive length is shown on one line, truncated."""
    record = "v=spf1 \x1b[31m\r\nproblem  \x00" + "x" * 2000
    finding = asked(tmp_path, environ, {**ZONE, DOMAIN: [record]})["SPF"]
    assert not any(ord(character) < 32 for character in told(finding))
    assert len(finding.text) < 200


def test_an_include_that_is_no_name(tmp_path: Path, environ: dict[str, str]) -> None:
    """A name that cannot be looked up counts as one without records."""
    zone = {**ZONE, DOMAIN: [f"v=spf1 include:{'x' * 70}.com include:_spf.google.com -all"]}
    finding = asked(tmp_path, environ, zone)["SPF"]
    assert (finding.level, "without a single record" in told(finding)) == (WARNING, True)


def test_a_dns_that_does_not_answer(tmp_path: Path, environ: dict[str, str]) -> None:
    """A DNS that cannot be reached is noted, and is no problem for a run."""
    with dns_server({}, refuses=True) as server:
        subject = Subject(examined(tmp_path, environ), now(), ApiAnswer, names=DnsResolver(server.address))
        findings = [check(subject) for check in (spf, dkim, dmarc)]
    assert {finding.level for finding in findings} == {WARNING}
    assert all("not checked" in finding.text for finding in findings)


def test_a_dns_that_is_silent(tmp_path: Path, environ: dict[str, str]) -> None:
    """A name server that never answers delays the check by seconds only, however many names are looked up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        subject = Subject(examined(tmp_path, environ), now(), ApiAnswer, names=DnsResolver(silent.getsockname()))
        finding = dkim(subject)
    assert (finding.level, "within 5 seconds" in finding.text) == (WARNING, True)


@pytest.mark.parametrize(
    "sender", ["reports@example.com", "reports@mail.acme.example", "reports@office.local", "reports@localhost"]
)
def test_nobody_is_asked_for_a_reserved_domain(tmp_path: Path, environ: dict[str, str], sender: str) -> None:
    """A reserved domain is reported as such, and no name server is asked about it."""
    with dns_server(ZONE) as server:
        text = examined(tmp_path, environ | {"HYPERREP_SMTP_FROM": sender})
        finding = spf(Subject(text, now(), ApiAnswer, names=DnsResolver(server.address)))
    assert (finding.level, "reserved" in finding.text, server.asked) == (WARNING, True, [])
