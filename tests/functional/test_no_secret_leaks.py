"""However a run ends, the key and the passwords are in no output, log, file, or process list."""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
import trustme

from tests.office import APRIL, CEO, FOLDER, LOGIN, PROJECT, Ended, Office, ended, office
from tests.servers import served
from tests.watched_api import Instead, Request

pytestmark = pytest.mark.slow

KEY = "hr_CANARY_key_that_opens_nothing"
PASSWORD = "CANARY+password/of=nobody"
SECRETS = ("HYPERREP_API_KEY", "HYPERREP_SMTP_PASSWORD", "HYPERREP_PDF_PASSWORD")
LOUD = ("-vv", "--log-format")
SEND = (*APRIL, "--to", CEO)

CRASHING = """
import sys
from reporter.__main__ import main
from reporter import pipeline
async def fetch(source, *_):
    key, everything = source._key.get_secret_value(), vars(source)
    raise RuntimeError("nobody foresaw this")
pipeline.fetch = fetch
main()
"""
"""The command with an error in a function that has the secrets."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    """A setup in which every file that a run may write is known, temporary ones included."""
    # The path of a socket in it must be short, which pytest's own folders are not.
    with office(tmp_path) as place, TemporaryDirectory(prefix="office-", dir="/tmp") as temporary:
        place.environment |= {"TMPDIR": temporary, "HYPERREP_PDF_PASSWORD": "CANARY that/opens+a=PDF"}
        place.configure('pdf_password_env = "HYPERREP_PDF_PASSWORD"\n')
        yield place


def forms(secret: str) -> set[bytes]:
    """A secret as plain text, in a URL, in JSON, and in a login."""
    user = LOGIN[0]
    plain = {secret, quote(secret, safe=""), secret.replace("/", "\\/")}
    coded = {b64encode(text.encode()) for text in (secret, f"\0{user}\0{secret}", f"{user}:{secret}")}
    return {text.encode() for text in plain} | coded


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder, except those that an ending process deletes meanwhile."""
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield path, path.read_bytes()


def assert_kept(place: Office, *said: str) -> None:
    """No secret of the environment is in the output, or in any file that a run may have written."""
    files = {**dict(written(place.folder)), **dict(written(Path(place.environment["TMPDIR"])))}
    for name in SECRETS:
        for form in forms(place.environment[name]):
            assert not [path for path, content in files.items() if form in content]
            assert not [text for text in said if form in text.encode()]


def told(place: Office, code: int, *arguments: str) -> Ended:
    """The output of a maximally verbose run that ends with this code."""
    done = place.run(*SEND, *LOUD, "json", "--json", *arguments)
    assert done.code == code, done
    assert_kept(place, done.out, done.err)
    return done


def test_a_run_that_goes_well_keeps_its_secrets(place: Office) -> None:
    """Sent, repeated, listed, checked, and verified: no output or file holds a secret."""
    assert '"status": "sent"' in told(place, 0).out
    for words in ([*SEND, *LOUD, "text"], ["history", "--json"], ["doctor"], ["verify", "--json"]):
        done = place.run(*words)
        assert_kept(place, done.out, done.err)
    assert (place.folder / "reports/.state/ledger.sqlite3").stat().st_size > 0


def _echoing(status: int, body: str, *headers: tuple[str, str]) -> Callable[[Request], Instead]:
    raw = tuple((name.encode(), text.encode()) for name, text in headers)
    return lambda _request: Instead(status, body.encode(), raw)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_echoing(403, f'{{"detail": "no such key: {KEY}"}}'), 3),
        (_echoing(404, f'{{"detail": [{{"loc": ["header", "{KEY}"], "msg": "{KEY} is unknown"}}]}}'), 1),
        (_echoing(200, f"<html>{KEY}</html>"), 1),
        (_echoing(200, f'{{"data": [{{"organization_id": 1, "name": "{KEY}"}}]}}'), 1),
        (_echoing(302, KEY, ("Location", f"https://elsewhere.example/{KEY}?key={KEY}")), 1),
    ],
    ids=["refused", "fault", "html", "type", "redirect"],
)
def test_an_api_that_repeats_the_key_does_not_spread_it(
    answer: Callable[[Request], Instead], code: int, place: Office
) -> None:
    """A key that an answer holds, as a reason, an address, or a value, is not shown."""
    place.environment["HYPERREP_API_KEY"] = KEY
    place.api.instead = answer
    assert told(place, code).err


def test_a_key_that_is_wrong_is_not_shown(place: Office) -> None:
    """A refused key is reported as refused, with the fix."""
    place.environment["HYPERREP_API_KEY"] = KEY
    assert "The API does not know this key" in told(place, 3).err


def test_a_key_that_no_header_can_carry_is_not_shown(place: Office) -> None:
    """A key with a line break in it is rejected before any request."""
    place.environment["HYPERREP_API_KEY"] = f"{KEY}\nX: y"
    done = place.run(*SEND)
    assert done.code == 2
    assert KEY not in done.err


def test_an_api_that_nobody_vouches_for_is_told_without_the_key(place: Office) -> None:
    """A connection that fails because of its certificate shows the host alone."""
    certificate = place.folder / "server.pem"
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    with served(place.api, certificate) as url:
        place.environment["HYPERREP_API_URL"] = url
        done = place.run(*SEND, *LOUD, "json", "--json")
    assert done.code == 3
    assert "The certificate of localhost is not trusted" in done.err
    assert_kept(place, done.out, done.err)


def test_a_login_that_is_refused_is_told_without_the_password(place: Office) -> None:
    """A server that refuses the password, and repeats it, brings it into no reply, receipt, ledger, or log."""
    place.environment["HYPERREP_SMTP_PASSWORD"] = PASSWORD
    login = b64encode(f"\0{LOGIN[0]}\0{PASSWORD}".encode()).decode()
    place.mail.faults["AUTH"] = [f"535 5.7.8 {PASSWORD} is wrong, {login} too"] * 9
    done = place.run(*SEND, *LOUD, "json", "--json")
    assert done.code != 0
    assert "535" in done.out + done.err
    assert_kept(place, done.out, done.err)


def test_a_mail_server_out_of_reach_is_told_without_the_password(place: Office) -> None:
    """A failed connection shows no login."""
    place.environment["HYPERREP_SMTP_PORT"] = "9"
    done = place.run(*SEND, *LOUD, "json", "--json")
    assert done.code != 0
    assert_kept(place, done.out, done.err)


def test_a_template_that_fails_is_told_without_secrets(place: Office) -> None:
    """A template's error has file and line; its attempts to print the program's own values give nothing."""
    look = place.folder / "look"
    look.mkdir()
    for file in (PROJECT / "templates/executive").iterdir():
        (look / file.name).write_bytes(file.read_bytes())
    (look / "email.txt.j2").write_text("{{ _.__globals__['os'].environ }}")
    done = told(place, 1, "--template", str(look))
    assert "email.txt.j2, line 1" in done.out


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_fault_of_the_program_is_logged_without_values(log_format: str, place: Office) -> None:
    """The traceback of an unexpected error has the lines that led there, and no variable's value."""
    program = subprocess.Popen(
        [sys.executable, "-c", CRASHING, *SEND, *LOUD, log_format, "--json"],
        cwd=place.folder,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    place.started.append(program)
    done = ended(program)
    assert done.code == 1
    assert "Traceback" in done.err
    assert "nobody foresaw this" in done.err
    assert_kept(place, done.out, done.err)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the system has no list of processes to read")
def test_no_process_shows_a_secret_in_its_arguments(place: Office) -> None:
    """Neither the command nor any process that it starts has a secret among its arguments."""
    program = place.start(*SEND)
    seen: dict[int, bytes] = {}
    while program.poll() is None:
        seen |= dict(_family(program.pid))
    assert len(seen) > 1
    assert program.returncode == 0
    for name in SECRETS:
        assert not [words for words in seen.values() for form in forms(place.environment[name]) if form in words]
    assert (place.folder / FOLDER / "report.pdf").exists()


def _family(pid: int) -> Iterator[tuple[int, bytes]]:
    """The arguments of a process and of all its descendants, while they run."""
    try:
        yield pid, Path(f"/proc/{pid}/cmdline").read_bytes()
        children = [
            child
            for thread in os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - names are all it needs
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _family(int(child))
