"""Noto Sans for simplified Chinese, Japanese and Korean, which hyperrep-report finds by this package's name.

`FONTS` is the folder with the files, `RANGES` says which characters they draw.
"""

from pathlib import Path

from hyperrep_report_cjk.coverage import RANGES

__all__ = ["FONTS", "RANGES"]

FONTS = Path(__file__).with_name("fonts")
