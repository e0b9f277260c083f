"""The client against APIs that refuse, mislead, or answer wrongly: one clear error, and no leak of the key."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme
from structlog.testing import capture_logs

from reporter.domain.errors import (
    ApiAnswerInvalid,
    ApiKeyRefused,
    ApiRefused,
    ApiUnreachable,
    ReporterError,
    UsageError,
)
from reporter.domain.snapshot import Block, Organization, Snapshot
from reporter.domain.window import Period, Window
from reporter.fetch import Source
from reporter.hyperrep.access import ApiSettings
from reporter.hyperrep.client import LARGEST_ANSWER, HyperRepApi
from reporter.sandbox.api_app import create_app
from reporter.sandbox.source import SandboxSource
from reporter.sandbox.world import DEMO_KEY, World
from tests.asking import KEY, NOW, ask, organizations
from tests.faulty_api import Reply, ScriptedApi, says
from tests.servers import served

ACME = Organization("acme", "Acme Roofing")
APRIL = Window(Period.MONTH, date(2026, 4, 1), date(2026, 5, 1), "America/New_York")
ORGANIZATIONS = says({"data": [{"organization_id": "acme", "name": "Acme Roofing"}]})
FUTURE = {"detail": "start_date and end_date cannot be in the future"}


def _snapshot(*blocks: Block) -> Callable[[HyperRepApi], Awaitable[Snapshot]]:
    return lambda api: api.snapshot(ACME, APRIL, frozenset(blocks))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A redirect is an error that names the host, and that host never receives the key."""
    elsewhere = ScriptedApi({"": [ORGANIZATIONS]})
    with served(elsewhere) as target:
        away = target.replace("127.0.0.1", "localhost")
        api = ScriptedApi({"": [Reply(status=status, headers={"Location": f"{away}/take?it=1"})]})
        with served(api) as url, pytest.raises(ApiRefused, match=rf"to localhost \({status}\)"):
            organizations(url)
    assert (len(api.asked), elsewhere.asked) == (1, [])


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("Missing API Key", "a proxy between here and the API probably removes the X-API-KEY header"),
        ("Invalid API Key", "check HYPERREP_API_KEY"),
        ("API Key is inactive", "activate it in HyperRep"),
        ("API Key has expired", "create a new key in HyperRep"),
    ],
)
def test_a_refused_key_says_what_to_do(detail: str, words: str) -> None:
    """Each of the four errors about a key is reported separately, after one request, with the fix."""
    api = ScriptedApi({"": [says({"detail": detail}, 403)]})
    with served(api) as url, pytest.raises(ApiKeyRefused, match=words):
        organizations(url)
    assert len(api.asked) == 1


def test_a_key_in_the_apis_own_words_is_not_shown() -> None:
    """An API that repeats the key in its error messages brings it into no error and no log."""
    replies = [says({"detail": f"busy with {KEY}"}, 503), says({"detail": f"no {KEY}"}, 404)]
    with served(ScriptedApi({"": replies})) as url, capture_logs() as logs, pytest.raises(ApiRefused) as refused:
        organizations(url)
    assert "404: no …" in str(refused.value)
    assert "503: busy with …" in str(logs)
    assert KEY not in str(refused.value) + str(logs)


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (timedelta(minutes=61), "this machine's clock is 61 minutes ahead of the API's"),
        (timedelta(0), "2026-05-02 12:00"),
    ],
)
def test_a_window_in_the_future_is_explained(behind: timedelta, words: str) -> None:
    """When the API says that the window has not ended, its clock is compared with ours, and the wrong one is named."""
    reply = says(FUTURE, 400, Date=format_datetime(NOW - behind, usegmt=True))
    with served(ScriptedApi({"": [reply]})) as url, pytest.raises(ApiRefused, match=words):
        ask(url, _snapshot(Block.VOLUME))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b'{"numMessagesReceived": 12'), "analytics/conversations/volume: the API's answer is not valid JSON"),
        (Reply(b"<html>Welcome to the hotel</html>"), "is not valid JSON"),
        (Reply(status=204), "is not valid JSON"),
        (says({"numMessagesReceived": 1, "numMessagesSent": 1}), "volume: totalConversations is missing"),
        (
            says({"numMessagesReceived": "1", "numMessagesSent": 1, "totalConversations": 1}),
            "numMessagesReceived should",
        ),
        (Reply(b" " * (LARGEST_ANSWER + 1)), "larger than 20 MB"),
        (Reply(gzip.compress(b" " * (LARGEST_ANSWER + 1)), headers={"Content-Encoding": "gzip"}), "larger than 20 MB"),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "could not be decompressed"),
    ],
    ids=["truncated", "html", "empty", "missing", "type", "huge", "bomb", "encoding"],
)
def test_an_answer_no_report_can_be_made_from_is_refused(reply: Reply, words: str) -> None:
    """A broken, wrong, or endless answer is requested once and rejected with its reason."""
    api = ScriptedApi({"": [reply]})
    with served(api) as url, pytest.raises(ApiAnswerInvalid, match=words):
        ask(url, _snapshot(Block.VOLUME))
    assert len(api.asked) == 1


def test_an_untrusted_certificate_ends_it(tmp_path: Path) -> None:
    """A server whose certificate cannot be verified gets neither the key nor a second attempt."""
    api = ScriptedApi({"": [ORGANIZATIONS]})
    untrusted = pytest.raises(ApiUnreachable, match=r"certificate of localhost is not trusted .* SSL_CERT_FILE")
    with served(api, _certificate(trustme.CA(), tmp_path)) as url, untrusted:
        organizations(url)
    assert api.asked == []


def test_an_authority_of_the_operator_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of the network's own authority is trusted when SSL_CERT_FILE names it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with served(ScriptedApi({"": [ORGANIZATIONS]}), _certificate(authority, tmp_path)) as url:
        assert organizations(url) == (ACME,)


def test_a_local_address_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy from the environment never sees the key of an unencrypted request to this machine."""
    proxy = ScriptedApi({"": [ORGANIZATIONS]})
    with served(proxy) as proxy_url, served(ScriptedApi({"": [ORGANIZATIONS]})) as url:
        for name in ("no_proxy", "NO_PROXY", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy_url)
        monkeypatch.setenv("ALL_PROXY", proxy_url)
        assert organizations(url) == (ACME,)
        assert organizations(url.replace("127.0.0.1", "localhost")) == (ACME,)
    assert proxy.asked == []


@pytest.mark.parametrize(("url", "key"), [("http://api.hyperrep.ai", KEY), ("https://api.hyperrep.ai", "se\ncret")])
def test_what_cannot_be_safe_is_refused_before_anything_is_sent(url: str, key: str) -> None:
    """An unencrypted address, and a key that breaks a header, are usage errors of the constructor."""
    with pytest.raises(UsageError) as refused:
        HyperRepApi(key, ApiSettings(url), clock=lambda: NOW)
    assert "cret" not in str(refused.value)


def test_the_client_does_not_show_its_key() -> None:
    """Neither the client's repr nor its attributes' reprs hold the key."""
    client = HyperRepApi(KEY, clock=lambda: NOW)
    assert KEY not in repr(client) + repr(vars(client))


async def _everything(source: Source) -> list[object]:
    """Everything that reports ask of a source, for every organization."""
    organizations = await source.organizations()
    found: list[object] = [organizations]
    for organization in organizations:
        choices = (frozenset(Block), *(frozenset({block}) for block in Block))
        found += [await source.snapshot(organization, APRIL, blocks) for blocks in choices]
        found.append(await source.currencies(organization, APRIL.start, APRIL.end))
    return found


def test_every_source_gives_the_same_data() -> None:
    """The sandbox's data is the same over HTTP as in process, for each organization, hostile names and ids included."""
    with served(create_app(World(), lambda: NOW)) as url:
        over_http = ask(url, _everything, key=DEMO_KEY)
        with pytest.raises(ApiKeyRefused, match="does not know this key"):
            organizations(url)
        with pytest.raises(ApiRefused, match="400: Invalid organization_id"):
            ask(url, _snapshot(Block.VOLUME), key=DEMO_KEY)
    assert over_http == asyncio.run(_everything(SandboxSource(NOW)))


def test_the_sandbox_refuses_the_future_as_the_client_expects() -> None:
    """For a window that ends after the sandbox's clock, the error compares the two clocks."""
    world, early = World(), datetime(2026, 4, 20, tzinfo=UTC)
    organization = Organization(world.organizations[0].id, "First")
    with served(create_app(world, lambda: early)) as url, pytest.raises(ReporterError, match="12 days ahead"):
        ask(url, lambda api: api.snapshot(organization, APRIL, frozenset({Block.VOLUME})), key=DEMO_KEY)


def _certificate(authority: trustme.CA, folder: Path) -> Path:
    file = folder / "server.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(file)
    return file
