"""Noto Sans for simplified Chinese, Japanese and Korean, which hyperrep-report finds by this package's name.

`FONTS` is the folder with the files, where `coverage.txt` lists the characters that they draw.
"""

from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
