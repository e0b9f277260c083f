"""Access control of the preview: accepts requests for its own addresses and names only, not from other sites."""

import ipaddress
from collections.abc import Collection

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Guard:
    """Rejects requests for other hosts, and keeps responses out of caches and of other sites' frames.

    A website that resolves its own name to this machine (DNS rebinding) still sends that name and is rejected; a
    literal address cannot be rebound.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = {"localhost", *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        if scope["type"] != "http":
            return
        app = self._app if self._is_ours(Headers(scope=scope).get("host", "")) else _rejection

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                policies = (headers.get("Content-Security-Policy"), "frame-ancestors 'self'")
                headers["Content-Security-Policy"] = "; ".join(filter(None, policies))
            await send(message)

        await app(scope, receive, send_guarded)

    def _is_ours(self, host: str) -> bool:
        try:
            name = (URL(f"http://{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


_rejection = PlainTextResponse("This preview does not answer under this host name.\n", 421)
