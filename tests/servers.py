"""Real servers for tests: any ASGI application on a free loopback port, in a thread of this process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn


@contextmanager
def served(app: Any, certificate: Path | None = None) -> Iterator[str]:
    """The URL at which `app` answers until the block ends, without a trailing slash.

    With `certificate` (a PEM file that holds the key and the chain) it is served over TLS, as `https://localhost:…`.
    The application's headers are all a client sees: no `Date` or `Server` is added.
    """
    # The socket listens before the server runs, so an early client is not refused: it waits in the backlog.
    listener = socket.create_server(("127.0.0.1", 0))
    # Python sets this on sockets it opens itself; without it each answer on a kept connection waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        ssl_certfile=certificate,
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    try:
        yield f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
