"""A real Postfix with a real Dovecot for tests: email goes in by SMTP with TLS and a login, and is read by IMAP.

def test_something(place: Office, postfix: Postfix) -> None:
    place.environment |= postfix.settings("starttls")
One pair of servers serves a run's process, started when first needed; each test uses recipients of its own.
One pair of servers serves a run's process, begun when first asked for; tests keep apart by the readers they write to.
"""

import hmac
import imaplib
import json
import os
import re
import shutil
import ssl
import subprocess
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.daemons import give_up, installed, listens, open_folder, reserved_port, running, wait_until
from tests.postfix_settings import DOORS, dovecot_conf, main_cf, master_cf, oauth2_conf

USER, PASSWORD = "reports@acme.example", "hush-hush-password"
"""A login that the server accepts; the password opens every other user's mailbox as well."""

_KEY = b"a key that the issuer of tokens shares with the server"
_ISSUER = "https://issuer.example"
_QUEUES = ("maildrop", "incoming", "active", "deferred")
_OWNER = 5000
"""The user id that owns the mailboxes; it needs no account."""


@dataclass(frozen=True, slots=True)
class Postfix:
    """The running servers: a port for each way to log in and one for IMAP over TLS, all as `localhost`."""

    folder: Path
    ports: Mapping[str, int]
    imaps: int

    @property
    def ca_file(self) -> Path:
        """The certificate authority of the servers."""
        return self.folder / "authority.pem"

    @property
    def log(self) -> str:
        """The log of both servers."""
        return (self.folder / "mail.log").read_text("utf-8", "replace")

    def settings(self, door: str = "starttls") -> dict[str, str]:
        """The environment with which an operator sends email at this port."""
        return {
            "HYPERREP_SMTP_HOST": "localhost",
            "HYPERREP_SMTP_PORT": str(self.ports[door]),
            "HYPERREP_SMTP_SECURITY": "tls" if door == "tls" else "starttls",
            "HYPERREP_SMTP_USERNAME": USER,
            "HYPERREP_SMTP_PASSWORD": PASSWORD,
            "HYPERREP_SMTP_CA_FILE": str(self.ca_file),
        }

    def mails(self, reader: str) -> list[bytes]:
        """The recipient's emails, oldest first, once none is in transit any more."""
        wait_until(self._has_delivered, lambda: f"mail is stuck in the queue:\n{self.log}")
        trust = ssl.create_default_context(cafile=self.ca_file)
        with imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=trust) as mailbox:
            mailbox.login(reader, PASSWORD)
            _, (count,) = mailbox.select("INBOX", readonly=True)
            assert count is not None
            return [_fetched(mailbox, number) for number in range(1, int(count) + 1)]

    def visits(self) -> list[dict[str, str]]:
        """What each client did that has disconnected: its commands, and how often each was accepted."""
        counts = re.findall(r": disconnect from \S+ (.+)", self.log)
        return [dict(count.split("=") for count in each.split()) for each in counts if "commands=0/0" not in each]

    def visit_after(self, earlier: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """The first visit after these, once that client has disconnected, which may be logged a moment later."""
        wait_until(lambda: len(self.visits()) > len(earlier), lambda: f"nobody has come and gone:\n{self.log}")
        return self.visits()[len(earlier)]

    def _has_delivered(self) -> bool:
        return not any(path.is_file() for queue in _QUEUES for path in (self.folder / "spool" / queue).rglob("*"))


def token(user: str = USER, *, seconds: int = 3600, key: bytes = _KEY) -> str:
    """A token for XOAUTH2 that the server accepts: expired with negative `seconds`, wrongly signed with another key."""
    now = int(time.time())
    claims = {"iss": _ISSUER, "sub": user, "email": user, "iat": now - 7200, "exp": now + seconds}
    signed = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), 'sha256'))}"


@contextmanager
def postfix_server() -> Iterator[Postfix]:
    """Both servers on free ports until the block ends; they need root."""
    if os.geteuid() != 0:
        give_up("Postfix and Dovecot run as root alone: run sh scripts/test --all as root")
    dovecot, postfix_command, master = _dovecot(), installed("postfix"), installed("master")
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder("postfix"))
        ports = {door: stack.enter_context(reserved_port()) for door in DOORS}
        server = Postfix(folder, ports, stack.enter_context(reserved_port()))
        _make(server)
        stack.enter_context(
            running([dovecot, "-F", "-c", folder / "dovecot.conf"], lambda: listens(server.imaps), folder=folder)
        )
        _run(postfix_command, "-c", folder / "etc", "check")
        # `postfix start-fg` would put a shell between us and the master.
        stack.enter_context(
            running([master, "-c", folder / "etc"], lambda: all(map(listens, ports.values())), folder=folder)
        )
        yield server


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """The servers that the tests of this process share."""
    with postfix_server() as server:
        yield server


def _dovecot() -> Path:
    program = installed("dovecot")
    version = _run(program, "--version")
    if not version.startswith("2.3."):
        give_up(f"Dovecot 2.3 is needed for its settings' language, and this is {version}")
    return program


def _make(server: Postfix) -> None:
    """Write the servers' files, readable for the users they run as, except for the certificate's key."""
    folder = server.folder
    settings = {
        "etc/main.cf": main_cf(folder),
        "etc/master.cf": master_cf(server.ports),
        "dovecot.conf": dovecot_conf(folder, imaps=server.imaps, owner=_OWNER, password=PASSWORD),
        "oauth2.conf": oauth2_conf(folder, _ISSUER),
        "keys/default/HS256/default": b64encode(_KEY).decode(),
    }
    for name, text in settings.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.ca_file))
    _run("chmod", "-R", "a+rX", folder)
    (folder / "server.pem").touch(0o600)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    for name, owner in (("mail", _OWNER), ("spool/private", "postfix")):
        (folder / name).mkdir(parents=True)
        shutil.chown(folder / name, owner)


def _run(*command: str | Path) -> str:
    """The command's output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def _fetched(mailbox: imaplib.IMAP4, number: int) -> bytes:
    _, (answer, *_) = mailbox.fetch(str(number), "(BODY.PEEK[])")
    assert isinstance(answer, tuple)
    return bytes(answer[1])


def _segment(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
