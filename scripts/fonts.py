"""Build the typefaces anew from the packages they are published in: `python scripts/fonts.py [name …]`.

Each weight is one whole static TrueType file, so that the glyphs of a word come from one font. Inter stays as it is;
the others lose what Inter draws, and their hints, which print does not use. The same packages give the same bytes.
Needs npm and a network; `scripts/font_coverage.py` writes the tables of characters anew afterwards.
"""

import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset
from fontTools.ttLib import TTFont, woff2

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "reporter" / "rendering" / "fonts"
EXTRA = ROOT / "packages" / "hyperrep-report-cjk" / "hyperrep_report_cjk" / "fonts"

STYLES = {400: "Regular", 600: "SemiBold"}
NEUTRAL = frozenset({0x20, 0xA0, 0x200C, 0x200D, 0x25CC})
"""What shaping asks any font for: spaces, joiners, and the circle that a lone mark stands on."""
KEYS = frozenset(map(ord, "#*0123456789"))
"""What an emoji font has for the keys of a telephone, and must never draw in a number."""
EAST_ASIAN_FEATURES = ("ccmp", "kern", "liga", "ljmo", "locl", "mark", "mkmk", "tjmo", "vjmo")
"""Without the forms of other times and of vertical lines, which double the glyphs."""
USELESS = ("BASE", "DSIG", "gasp", "STAT", "VORG", "vhea", "vmtx")


def two_bytes(encoding: str, leads: range = range(0x81, 0xFF)) -> set[int]:
    """The code points that an East Asian encoding writes in two bytes."""
    decoded = (bytes(pair).decode(encoding, "ignore") for pair in product(leads, range(0x40, 0xFF)))
    return {ord(text) for text in decoded if len(text) == 1 and text > "\x7f"}


def japanese() -> set[int]:
    """JIS X 0208, both levels."""
    return two_bytes("euc_jp")


def simplified() -> set[int]:
    """GB 2312, and what is usual in Taiwan and Hong Kong (Big5's first level) unless the Japanese font has it."""
    return two_bytes("gb2312") | (two_bytes("big5", range(0xA4, 0xC7)) - japanese())


def korean() -> set[int]:
    """Every syllable of modern Hangul, and the signs of KS X 1001; the others have the Chinese characters."""
    chinese = {*range(0x4E00, 0xA000), *range(0xF900, 0xFB00)}
    return (two_bytes("euc_kr") - chinese) | set(range(0xAC00, 0xD7A4))


@dataclass(frozen=True, slots=True)
class Typeface:
    """Where a typeface is published, under which paths, and which of its characters are kept (without `kept`, all)."""

    name: str
    package: str
    digest: str
    path: str
    licence: str = "LICENSE_FONT"
    weights: tuple[int, ...] = (400, 600)
    kept: Callable[[], set[int]] | None = None
    features: tuple[str, ...] = ("*",)
    folder: Path = BUNDLED


INTER = Typeface(
    "inter",
    "inter-ui@4.1.1",
    "e392e4d71f18a7c1f23dfecd833d68fa05eeab41862686584e80fd2b5d87e9c0",
    "web/Inter-{style}.woff2",
    "LICENSE.txt",
)
TYPEFACES = (
    INTER,
    Typeface(
        "vazirmatn",
        "@expo-google-fonts/vazirmatn@0.4.1",
        "af22b2898f1e7fad4398cde6856f0e83f79393862b9b3811f71b114abb3742a3",
        "{weight}{style}/Vazirmatn_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-sans-hebrew",
        "@expo-google-fonts/noto-sans-hebrew@0.4.1",
        "f82f8e852e3355521c511f2762a0130216d208d108bf4739aa977eb6a6d3012c",
        "{weight}{style}/NotoSansHebrew_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-sans-devanagari",
        "@expo-google-fonts/noto-sans-devanagari@0.4.1",
        "fb9a4c288af3829f383d945fcec350c8cdf99abf18ffe55c987c495bca42e80e",
        "{weight}{style}/NotoSansDevanagari_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-emoji",
        "@expo-google-fonts/noto-emoji@0.4.7",
        "6a25fd5a4da5bb34bbc2d300531bbf32de86afd866e119314d7e358f61a6104d",
        "{weight}{style}/NotoEmoji_{weight}{style}.ttf",
        weights=(400,),
    ),
    Typeface(
        "noto-sans-sc",
        "@expo-google-fonts/noto-sans-sc@0.4.3",
        "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
        "{weight}{style}/NotoSansSC_{weight}{style}.ttf",
        kept=simplified,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
    Typeface(
        "noto-sans-jp",
        "@expo-google-fonts/noto-sans-jp@0.4.3",
        "563ee80509692e2b2f42ceae6a0b82afecb90daa1b3d025bcebdf3d9120f43a3",
        "{weight}{style}/NotoSansJP_{weight}{style}.ttf",
        kept=japanese,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
    Typeface(
        "noto-sans-kr",
        "@expo-google-fonts/noto-sans-kr@0.4.3",
        "7614af529705ea48e8b76cb3b056b92db66b7625ef3fc97ce76366063df94d3f",
        "{weight}{style}/NotoSansKR_{weight}{style}.ttf",
        kept=korean,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
)


def main(names: list[str]) -> None:
    """Write the fonts and licences of these typefaces, without names of all."""
    for typeface in TYPEFACES:
        if not names or typeface.name in names:
            for file, content in built(typeface):
                (typeface.folder / file).write_bytes(content)
                print(f"{len(content):>9,}  {file}")


def built(typeface: Typeface) -> Iterator[tuple[str, bytes]]:
    """The files of a typeface by their names: each weight, and the licence."""
    with TemporaryDirectory() as folder:
        package = fetched(typeface, Path(folder))
        for weight in typeface.weights:
            path = typeface.path.format(weight=weight, style=STYLES[weight])
            yield f"{typeface.name}-{weight}.ttf", font(typeface, member(package, path))
        yield f"{typeface.name}-OFL.txt", member(package, typeface.licence)


def fetched(typeface: Typeface, folder: Path) -> Path:
    """The package, as npm brings it. Raises ValueError when it is not the one that is meant."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), typeface.package]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    package = next(folder.glob("*.tgz"))
    if sha256(package.read_bytes()).hexdigest() != typeface.digest:
        raise ValueError(f"{typeface.package} is not the package that was examined")
    return package


def member(package: Path, path: str) -> bytes:
    """One file of a package."""
    with tarfile.open(package) as archive:
        file = archive.extractfile(f"package/{path}")
        assert file is not None
        return file.read()


def font(typeface: Typeface, source: bytes) -> bytes:
    """The TrueType file, cut to what is kept."""
    file = BytesIO()
    if typeface is INTER:
        woff2.decompress(BytesIO(source), file)
        return file.getvalue()
    opened = TTFont(BytesIO(source), recalcTimestamp=False)
    subsetter = subset.Subsetter(_options(typeface))
    subsetter.populate(unicodes=_kept(typeface, set(opened.getBestCmap())))
    subsetter.subset(opened)
    opened.save(file)
    return file.getvalue()


def _kept(typeface: Typeface, drawn: set[int]) -> set[int]:
    """What of the code points that a font draws is kept: nothing that Inter draws, but for an emoji's own signs."""
    if typeface.name == "noto-emoji":
        return drawn - KEYS
    wanted = drawn & typeface.kept() if typeface.kept else drawn
    with TTFont(BUNDLED / "inter-400.ttf", lazy=True) as inter:
        return (wanted - set(inter.getBestCmap())) | (drawn & NEUTRAL)


def _options(typeface: Typeface) -> subset.Options:
    options = subset.Options()
    options.layout_features = list(typeface.features)
    options.drop_tables += USELESS
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
