"""Write the golden files anew: `python -m tests.golden`. Readers will see what changes: look at it."""

import shutil
import sys

from tests.golden.files import FOLDER, golden


def main() -> int:
    """Write every golden file; the folder holds nothing else afterwards."""
    texts = dict(golden())
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for path, text in texts.items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
