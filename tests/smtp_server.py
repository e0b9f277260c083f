"""A real mail server for tests: aiosmtpd on a free loopback port, with TLS, a login, and faults by script."""

import asyncio
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_UP = "hang up"
"""Close the connection instead of answering; after the final dot the message is lost with it."""

STORE_AND_HANG_UP = "store and hang up"
"""At `DOT`: keep the message, then close the connection without an answer."""

BREAK_OFF = "break off"
"""At `DATA`: take the beginning of the message, then reset the connection."""

SPEAK_EARLY = "speak early"
"""At `DATA`: refuse the message once its beginning is there, and go on taking the rest."""

SILENCE = "silence"
"""Never answer; after the final dot the message is kept."""

_DEEDS = {HANG_UP, STORE_AND_HANG_UP, BREAK_OFF, SPEAK_EARLY, SILENCE}


@dataclass(frozen=True, slots=True)
class Stored:
    """One message the server took, with the dots of its transport removed."""

    sender: str
    recipients: tuple[str, ...]
    wire: bytes
    is_encrypted: bool


def _semaphores() -> dict[str, threading.Semaphore]:
    return defaultdict(lambda: threading.Semaphore(0))


@dataclass
class SmtpServer:
    """What a server is to do, and what it saw.

    `faults` holds, for `CONNECT`, a command or `DOT`, what to say or do instead of the right thing, used up one by
    one; `refused` the reply to a recipient for ever.
    `given` counts the commands, and `DOT`, for who waits for one. Each final dot is answered once `may_answer` is set.
    """

    login: tuple[str, str] | None = None
    faults: dict[str, Sequence[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    size: int = 32 * 1024 * 1024
    mechanisms: Sequence[str] = ("PLAIN", "LOGIN")
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    given: dict[str, threading.Semaphore] = field(default_factory=_semaphores)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def next_fault(self, stage: str) -> str | None:
        """The fault that is due, which is then used up."""
        fault, *self.faults[stage] = self.faults.get(stage) or [""]
        return fault or None

    def check_login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Whether the login is the one of this server."""
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login.decode(), given.password.decode()) == self.login, handled=False)


class _Hooks:
    """What aiosmtpd asks about a message; its names are aiosmtpd's."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802
        self, _connection: "_Connection", _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self._server.refused:
            return self._server.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, connection: "_Connection", session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await connection.end_message(session, envelope)


class _Connection(SMTP):
    """One client's connection, which follows the server's script."""

    def __init__(self, server: SmtpServer, **options: Any) -> None:
        excluded = [name for name in ("PLAIN", "LOGIN") if name not in server.mechanisms]
        super().__init__(
            _Hooks(server),
            hostname="localhost",
            data_size_limit=server.size,
            auth_exclude_mechanism=excluded,
            authenticator=server.check_login,
            **options,
        )
        self._server = server
        # Not given above, where it brings a warning: aiosmtpd takes TLS from the start for none at all.
        self._auth_required = server.login is not None
        # Every command goes through the script first.
        self._smtp_methods = {
            verb: partial(self._scripted, verb, method) for verb, method in self._smtp_methods.items()
        }

    async def _handle_client(self) -> None:
        self._server.connections += 1
        try:
            if not await self._misbehaves("CONNECT"):
                await super()._handle_client()
        finally:
            self._writer.close()

    async def _scripted(self, verb: str, method: Callable[[str | None], Awaitable[None]], arg: str | None) -> None:
        self._server.commands.append(verb)
        self._server.given[verb].release()
        if not await self._misbehaves(verb):
            await method(arg)

    async def end_message(self, session: Session, envelope: Envelope) -> str:
        """Keep the message or lose it, and return the reply to its final dot, unless there is to be none."""
        fault = self._server.next_fault("DOT")
        if fault in {None, STORE_AND_HANG_UP, SILENCE}:
            self._store(session, envelope)
        self._server.given["DOT"].release()
        await asyncio.get_running_loop().run_in_executor(None, self._server.may_answer.wait)
        if fault is None:
            return "250 2.0.0 Ok: queued as 1A2B"
        if fault not in _DEEDS:
            return fault
        await self._follow(fault)
        await _for_ever()
        raise AssertionError

    def _store(self, session: Session, envelope: Envelope) -> None:
        is_encrypted = session.ssl is not None or self._channel().get_extra_info("ssl_object") is not None
        recipients = tuple(map(str, envelope.rcpt_tos))
        wire = envelope.original_content or b""
        self._server.stored.append(Stored(str(envelope.mail_from), recipients, wire, is_encrypted))

    def _channel(self) -> asyncio.Transport:
        assert isinstance(self.transport, asyncio.Transport)
        return self.transport

    async def _misbehaves(self, stage: str) -> bool:
        fault = self._server.next_fault(stage)
        if fault is not None:
            await self._follow(fault)
        return fault is not None

    async def _follow(self, fault: str) -> None:
        match fault:
            case "silence":
                await _for_ever()
            case "break off":
                await self.push("354 Go on")
                await self._reader.read(1)
                self._channel().abort()
            case "speak early":
                await self.push("354 Go on")
                await self._reader.read(1)
                await self.push("552 5.2.2 over quota")
                while await self._reader.read(1 << 16):
                    pass
            case "hang up" | "store and hang up":
                self._channel().close()
            case reply:
                await self.push(reply)


@contextmanager
def smtp_server(
    server: SmtpServer | None = None, *, certificate: trustme.LeafCert | None = None, implicit_tls: bool = False
) -> Iterator[SmtpServer]:
    """The server, running until the block ends; with a certificate it offers STARTTLS, or speaks TLS from the start.

    It listens on 127.0.0.1 and thinks of itself as `localhost`.
    """
    server = server or SmtpServer()
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    server.may_answer.set()
    context = _context(certificate) if certificate else None
    options = {"auth_require_tls": False} if implicit_tls else {"tls_context": context}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    connected = asyncio.run_coroutine_threadsafe(
        loop.create_server(
            lambda: _Connection(server, loop=loop, **options), sock=listener, ssl=context if implicit_tls else None
        ),
        loop,
    ).result()
    try:
        yield server
    finally:
        server.may_answer.set()
        asyncio.run_coroutine_threadsafe(_stop(connected), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listening: asyncio.Server) -> None:
    """Take no more connections and end those there are."""
    listening.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # lets the transports that are closed now let go of their sockets
    await asyncio.get_running_loop().shutdown_default_executor()


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
