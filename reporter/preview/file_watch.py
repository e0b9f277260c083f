"""Watches a template's folder and notifies open pages of changes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import awatch

from reporter.preview.drafts import Drafts


class Changes:
    """Publishes the version of the drafts to its listeners, at once and after each change, until closed."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts
        self._changed = asyncio.Event()
        self._is_over = False

    async def watch(self) -> None:
        """Renew the drafts after every change of the template's files, until canceled."""
        async for _ in _saved(self._drafts.folder):
            await asyncio.to_thread(self._drafts.renew)
            self._tell()

    async def versions(self) -> AsyncIterator[int]:
        """Yield the version of the drafts at once, and again after each change."""
        while not self._is_over:
            changed = self._changed
            yield self._drafts.version
            await changed.wait()

    def close(self) -> None:
        """End all listeners, since a server waits for them on shutdown."""
        self._is_over = True
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def _saved(folder: Path) -> AsyncIterator[None]:
    """Yield whenever a file in the folder is saved; falls back to polling if file events are unavailable."""
    try:
        async for _ in awatch(folder):
            yield
    except OSError:  # the user's limit of watched files is reached
        async for _ in awatch(folder, force_polling=True):
            yield
