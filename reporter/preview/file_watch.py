"""From a file that was saved to the browsers that show it: a template's folder is watched, and open pages are told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import awatch

from reporter.preview.drafts import Drafts


class Changes:
    """Tells whoever listens the version of the drafts, now and after each change, until it is closed."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts
        self._changed = asyncio.Event()
        self._is_over = False

    async def watch(self) -> None:
        """Renew the drafts with every change of their template's files, until cancelled."""
        async for _ in _saved(self._drafts.folder):
            await asyncio.to_thread(self._drafts.renew)
            self._tell()

    async def versions(self) -> AsyncIterator[int]:
        """The version of the drafts at once, and again after each change."""
        while not self._is_over:
            changed = self._changed
            yield self._drafts.version
            await changed.wait()

    def close(self) -> None:
        """End what listens: a server would wait for it."""
        self._is_over = True
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def _saved(folder: Path) -> AsyncIterator[None]:
    """Something whenever a file in the folder is saved; by looking again and again where the system tells nothing."""
    try:
        async for _ in awatch(folder):
            yield
    except OSError:  # the system watches no more files for this user
        async for _ in awatch(folder, force_polling=True):
            yield
