"""A real mail server for tests: aiosmtpd on a free loopback port, with TLS, a login, and scripted faults."""

import asyncio
import re
import socket
import ssl
import struct
import threading
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, AnyStr

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.smtp_script import (
    BREAK_OFF,
    DEEDS,
    DRIP,
    ENDLESS,
    HANG_UP,
    RESET,
    SILENCE,
    SPEAK_EARLY,
    STORE_AND_HANG_UP,
    SmtpServer,
    Stored,
    dropping_every,
)

__all__ = [
    "BREAK_OFF",
    "DRIP",
    "ENDLESS",
    "HANG_UP",
    "RESET",
    "SILENCE",
    "SPEAK_EARLY",
    "STORE_AND_HANG_UP",
    "SmtpServer",
    "dropping_every",
    "smtp_server",
]

_DSN = re.compile(r" (RET|ENVID|NOTIFY)=\S+")


class _Hooks:
    """The hooks that aiosmtpd calls for a message, with aiosmtpd's names."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802
        self, _connection: "_Connection", _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = self._server.answer_to_recipient(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_EHLO(  # noqa: N802
        self, _connection: "_Connection", session: Session, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [replies[0], *(f"250-{name}" for name in self._server.extensions), *replies[1:]]

    async def auth_XOAUTH2(self, connection: "_Connection", args: list[str]) -> AuthResult:  # noqa: N802
        if self._server.check_bearer(b64decode(args[1]).decode()):
            return AuthResult(success=True)
        if self._server.challenge is not None:
            answer = await connection.challenge_auth(self._server.challenge)
            assert isinstance(answer, bytes)
            self._server.answers.append(answer)
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, connection: "_Connection", session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await connection.end_message(session, envelope)


class _Connection(SMTP):
    """One client's connection, which follows the server's script."""

    def __init__(self, server: SmtpServer, channels: list[asyncio.Transport], **options: Any) -> None:
        excluded = [name for name in ("PLAIN", "LOGIN", "XOAUTH2") if name not in server.mechanisms]
        super().__init__(
            _Hooks(server),
            hostname="localhost",
            data_size_limit=server.size,
            auth_exclude_mechanism=excluded,
            authenticator=server.check_login,
            **options,
        )
        self._server = server
        self._channels = channels
        # Not given above, where it causes a warning: aiosmtpd mistakes TLS from the start for none at all.
        self._auth_required = server.login is not None or bool(server.bearers)
        # Every command goes through the script first.
        self._smtp_methods = {
            verb: partial(self._scripted, verb, method) for verb, method in self._smtp_methods.items()
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._channels.append(transport)
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        self._server.connections += 1
        self._server.at_once += 1
        self._server.most_at_once = max(self._server.most_at_once, self._server.at_once)
        self._own_faults = dict(self._server.misfortune(self._server.connections))
        try:
            if self._server.room is not None and self._server.at_once > self._server.room:
                await self.push("421 4.3.2 too many connections")
            elif not await self._misbehaves("CONNECT"):
                await super()._handle_client()
        finally:
            self._writer.close()
            self._server.at_once -= 1
            self._server.given["END"].release()

    async def push(self, status: AnyStr) -> None:
        await asyncio.sleep(self._server.tarpit)
        await super().push(status)

    async def _scripted(self, verb: str, method: Callable[[str | None], Awaitable[None]], arg: str | None) -> None:
        self._server.commands.append(verb)
        self._server.lines.append(f"{verb} {arg}")
        if arg and "DSN" in self._server.extensions:
            arg = _DSN.sub("", arg)
        self._server.given[verb].release()
        if not await self._misbehaves(verb):
            await method(arg)

    async def end_message(self, session: Session, envelope: Envelope) -> str:
        """Store or drop the message, and return the reply to its final dot, unless there is to be none."""
        fault = self._next_fault("DOT")
        if fault in {None, STORE_AND_HANG_UP, SILENCE}:
            self._store(session, envelope)
        self._server.given["DOT"].release()
        await asyncio.get_running_loop().run_in_executor(None, self._server.may_answer.wait)
        if fault is None:
            return "250 2.0.0 Ok: queued as 1A2B"
        if fault not in DEEDS:
            return fault
        await self._follow(fault)
        await _for_ever()
        raise AssertionError

    def _next_fault(self, stage: str) -> str | None:
        return self._own_faults.pop(stage, None) or self._server.next_fault(stage)

    def _store(self, session: Session, envelope: Envelope) -> None:
        is_encrypted = session.ssl is not None or self._channel().get_extra_info("ssl_object") is not None
        recipients = tuple(map(str, envelope.rcpt_tos))
        wire = envelope.original_content or b""
        self._server.stored.append(Stored(str(envelope.mail_from), recipients, wire, is_encrypted))

    def _channel(self) -> asyncio.Transport:
        assert isinstance(self.transport, asyncio.Transport)
        return self.transport

    async def _misbehaves(self, stage: str) -> bool:
        fault = self._next_fault(stage)
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
            case "reset":
                at_once = struct.pack("ii", 1, 0)
                self._channel().get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                self._channel().abort()
            case "drip" | "endless":
                await self._go_on_for_ever(b"2" if fault == DRIP else b"250-and so on\r\n" * 100)
            case "hang up" | "store and hang up":
                self._channel().close()
            case reply:
                await self.push(reply)

    async def _go_on_for_ever(self, piece: bytes) -> None:
        with suppress(ConnectionError):
            while not self._channel().is_closing():
                self._writer.write(piece)
                await self._writer.drain()
                await asyncio.sleep(0.01)


@contextmanager
def smtp_server(
    server: SmtpServer | None = None, *, certificate: trustme.LeafCert | None = None, implicit_tls: bool = False
) -> Iterator[SmtpServer]:
    """The server, running until the block ends; with a certificate it offers STARTTLS, or implicit TLS.

    It listens on 127.0.0.1 and calls itself `localhost`.
    """
    server = server or SmtpServer()
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    server.may_answer.set()
    context = _context(certificate) if certificate else None
    options = {"auth_require_tls": False} if implicit_tls else {"tls_context": context}
    channels: list[asyncio.Transport] = []
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    connected = asyncio.run_coroutine_threadsafe(
        loop.create_server(
            lambda: _Connection(server, channels, loop=loop, **options),
            sock=listener,
            ssl=context if implicit_tls else None,
        ),
        loop,
    ).result()
    try:
        yield server
    finally:
        server.may_answer.set()
        asyncio.run_coroutine_threadsafe(_stop(connected, channels), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listening: asyncio.Server, channels: list[asyncio.Transport]) -> None:
    """Stop accepting connections and close the open ones."""
    listening.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for channel in channels:
        with suppress(AttributeError):  # what Python 3.11.2 raises for a closed TLS connection
            channel.abort()  # asyncio keeps one open whose client has disconnected while nothing read from it
    await asyncio.sleep(0)  # lets the transports closed just now release their sockets
    await asyncio.get_running_loop().shutdown_default_executor()


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
