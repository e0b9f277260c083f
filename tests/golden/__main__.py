"""Rewrite the golden files: `python -m tests.golden`. Review the difference: it is what recipients will see."""

import shutil
import sys

from tests.golden.files import FOLDER, golden


def main() -> int:
    """Write every golden file and remove every other file from the folder."""
    texts = dict(golden())
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for path, text in texts.items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
