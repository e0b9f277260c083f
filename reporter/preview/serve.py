"""Runs the preview: the server and the watcher of the template, until interrupted."""

import asyncio
import socket
from collections.abc import Collection

import uvicorn

from reporter.preview.drafts import Drafts
from reporter.preview.file_watch import Changes
from reporter.preview.web_app import create_app


class _Server(uvicorn.Server):
    """A server that ends the change listeners on shutdown, since it waits for open responses."""

    def __init__(self, settings: uvicorn.Config, changes: Changes) -> None:
        super().__init__(settings)
        self._changes = changes

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._changes.close()
        await super().shutdown(sockets)


async def serve(drafts: Drafts, listener: socket.socket, names: Collection[str], tags: Collection[str]) -> None:
    """Serve the drafts on this socket until SIGINT or SIGTERM, which is raised again at the end."""
    changes = Changes(drafts)
    settings = uvicorn.Config(
        create_app(drafts, changes, names, tags),
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    watching = asyncio.create_task(changes.watch())
    try:
        await _Server(settings, changes).serve(sockets=[listener])
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
