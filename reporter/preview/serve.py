"""Runs the preview: the server and the watcher of the template, until interrupted."""

import asyncio
import socket
from collections.abc import Collection

import uvicorn

from reporter.preview.drafts import Drafts
from reporter.preview.web_app import create_app


class _Server(uvicorn.Server):
    """A server that ends the event streams on shutdown, since it waits for open responses."""

    def __init__(self, settings: uvicorn.Config, drafts: Drafts) -> None:
        super().__init__(settings)
        self._drafts = drafts

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drafts.close()
        await super().shutdown(sockets)


async def serve(drafts: Drafts, listener: socket.socket, names: Collection[str], tags: Collection[str]) -> None:
    """Serve the drafts on this socket until SIGINT or SIGTERM, which is raised again at the end."""
    settings = uvicorn.Config(
        create_app(drafts, names, tags),
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    watching = asyncio.create_task(drafts.watch())
    try:
        await _Server(settings, drafts).serve(sockets=[listener])
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
