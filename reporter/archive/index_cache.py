"""What the index has read of editions, kept between runs: an edition whose folder has not changed is not read again."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reporter import __version__
from reporter.archive.index_rows import IndexRow, read_row
from reporter.archive.lock import STATE
from reporter.files import read, write

SEEN = f"{STATE}/index.json"
"""Where it lies below the archive's root. It may be removed at any time: then every edition is read again."""

State = tuple[tuple[str, int, int, int], ...]
"""What lies in an edition's folder: each name with its inode, its time of change and its size."""

_FORM = f"{__version__}/1"
"""Another version reads editions in another way, and takes nothing over. Raise the number with what a row holds."""

_Rows = dict[str, tuple[State, IndexRow]]
_SEEN = TypeAdapter(tuple[str, _Rows])


class IndexCache:
    """The rows of the editions below `root` by the path of their folder, each with the state it was read in."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._rows: _Rows | None = None
        self._is_new = False

    def row(self, folder: str, state: State) -> IndexRow:
        """The row of an edition in this state, read only if it was not before; the state is taken before it is read."""
        rows = self._remembered()
        known = rows.get(folder)
        if known and known[0] == state:
            return known[1]
        row = read_row(self._root, self._root / folder, [name for name, *_ in state])
        rows[folder] = state, row
        self._is_new = True
        return row

    def keep(self, folders: frozenset[str]) -> None:
        """Remember the editions in these folders for the next run, and forget all others. Raises ArchiveError."""
        rows = self._remembered()
        kept = {folder: entry for folder, entry in sorted(rows.items()) if folder in folders}
        if self._is_new or len(kept) < len(rows):
            write(self._root, self._root / SEEN, _SEEN.dump_json((_FORM, kept)))
        self._rows, self._is_new = kept, False

    def _remembered(self) -> _Rows:
        if self._rows is None:
            self._rows = self._recalled()
        return self._rows

    def _recalled(self) -> _Rows:
        """What an earlier run kept; nothing where that is damaged. Raises ArchiveError for a link in its place."""
        path = self._root / SEEN
        if os.path.lexists(path):
            with suppress(ValidationError):
                form, rows = _SEEN.validate_json(read(self._root, path))
                return rows if form == _FORM else {}
        return {}
