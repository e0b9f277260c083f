"""The preview over a real socket: what it serves, to whom, and how it starts and ends."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from reporter.preview.pages import illustrated
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, World
from tests.functional.preview.previewing import Preview, preview, started
from tests.office import PATIENCE
from tests.servers import served

MONTH = ("--period", "month", "--as-of", "2026-05-15")
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview of the demo's report, for a brand with a logo."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "logo.svg").write_text(LOGO)
    (folder / "hyperrep-report.toml").write_text('timezone = "America/New_York"\nbrand = { logo = "logo.svg" }\n')
    with preview(folder, "--demo", "--config", "hyperrep-report.toml", *MONTH) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/", "text/html", "Acme Roofing"),
        ("/report.pdf", "application/pdf", "%PDF-"),
        ("/mail.html", "text/html", "April 2026"),
        ("/mail.txt", "text/html", "April 2026"),
        ("/page.html", "text/html", 'src="bundle/logo.svg"'),
        ("/report.css", "text/css", "@page"),
        ("/data.html", "text/html", "answers"),
        ("/data.js", "text/javascript", "search"),
        ("/bundle/logo.svg", "image/svg+xml", "<svg"),
        ("/fonts.css", "text/css", "font-weight: 600"),
        ("/fonts/inter-400.ttf", "font/ttf", ""),
    ],
)
def test_every_view_is_served(shown: Preview, path: str, kind: str, holds: str) -> None:
    """Each document has its content type, may not be cached, and cannot be framed by another site."""
    answer = httpx.get(shown.url + path, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert holds in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_the_mails_picture_is_served_from_here() -> None:
    """A picture attached to the email is served at the address where the pages find their pictures."""
    assert illustrated('<img src="cid:logo.png@report" alt="">') == '<img src="bundle/logo.png" alt="">'


@pytest.mark.parametrize("path", ["/fonts/inter-OFL.txt", "/fonts/..%2Fpdf.py", "/bundle/none.svg", "/app.py"])
def test_nothing_else_is_served(shown: Preview, path: str) -> None:
    """Files that are not part of the report cannot be reached."""
    assert httpx.get(shown.url + path).status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:1", 200),
        ("127.0.0.1", 200),
        ("[::1]:8766", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8766", 421),
        ("[::1", 421),
    ],
)
def test_only_our_own_names_are_answered(shown: Preview, host: str, status: int) -> None:
    """A request under a domain name that resolves to this machine gets nothing of the report."""
    answer = httpx.get(shown.url + "/data.html", headers={"Host": host})
    assert answer.status_code == status
    assert ("Acme" in answer.text) is (status == 200)


@pytest.mark.slow
def test_it_ends_cleanly(tmp_path: Path) -> None:
    """Ctrl-C ends the preview at once, silently and with exit code 0, while a browser waits for changes."""
    with preview(tmp_path, "--demo", *MONTH) as running, httpx.stream("GET", f"{running.url}/events") as events:
        lines = events.iter_lines()
        assert [next(lines) for _ in range(3)] == ["retry: 1000", "", "data: 0"]
        running.interrupt()
    assert (running.exit_code, running.output, running.errors) == (0, "", "")


@pytest.mark.slow
def test_without_a_key_the_sandbox_is_shown(tmp_path: Path) -> None:
    """Without a key, the preview says so and shows the sandbox's figures in the configured template."""
    (tmp_path / "hyperrep-report.toml").write_text('[[reports]]\norganization = "Mine"\nlocale = "de_DE"\n')
    with preview(tmp_path, *MONTH) as running:
        page = httpx.get(f"{running.url}/").text
        running.interrupt()
    assert "HYPERREP_API_KEY" in running.errors
    assert "April 2026" in page
    assert "de_DE" in page
    assert "sandbox" in page


@pytest.mark.slow
def test_the_mail_is_shown_as_it_would_be_sent(tmp_path: Path) -> None:
    """If the report's PDF has a password, both bodies of its email say so; the PDF itself is shown open."""
    (tmp_path / "mine.toml").write_text('timezone = "UTC"\npdf_password_env = "HYPERREP_PDF_PASSWORD"\n')
    environ = {"HYPERREP_PDF_PASSWORD": "hush"}
    with preview(tmp_path, "--demo", "--config", "mine.toml", *MONTH, environ=environ) as running:
        bodies = [httpx.get(f"{running.url}/mail.{kind}").text for kind in ("html", "txt")]
        pdf = httpx.get(f"{running.url}/report.pdf", timeout=PATIENCE).content
    assert all("opens with the password that was agreed" in " ".join(body.split()) for body in bodies)
    assert b"/Encrypt" not in pdf


@pytest.mark.slow
def test_with_a_key_the_api_is_asked_once(tmp_path: Path) -> None:
    """With a key, the figures come from the API, which is not called again for each page."""
    asked: list[str] = []
    world = create_app(World(), lambda: datetime.now(UTC))

    async def counted(scope: dict[str, str], receive: object, send: object) -> None:
        asked.append(scope["path"])
        await world(scope, receive, send)  # type: ignore[arg-type]

    with served(counted) as url:
        environ = {"HYPERREP_API_URL": url, "HYPERREP_API_KEY": DEMO_KEY}
        with preview(tmp_path, "--org", "Corner Bakery", "--timezone", "UTC", *MONTH, environ=environ) as running:
            before = len(asked)
            assert "Corner Bakery" in httpx.get(f"{running.url}/mail.html").text
            assert "Corner Bakery" in httpx.get(f"{running.url}/").text
    assert len(asked) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--template", "nowhere"), 2, "no template 'nowhere'"),
        (("--locale", "xx"), 2, "locale"),
        (("--org", "Nobody", "--demo"), 2, "no organization 'Nobody'"),
        (("--host", "no.such..host", "--demo"), 2, "cannot listen"),
    ],
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, options: tuple[str, ...], code: int, said: str) -> None:
    """A wrong option is one sentence and exit code 2, before anything is served."""
    with started(tmp_path, *options) as process:
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (code, "")
    assert said in errors.splitlines()[-1]


@pytest.mark.slow
def test_a_port_in_use(tmp_path: Path) -> None:
    """A port that is taken is one sentence and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with started(tmp_path, "--demo", "--port", port) as process:
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith(f"hyperrep-report: The preview cannot listen on 127.0.0.1 port {port}: ")
    assert errors.count("\n") == 1
